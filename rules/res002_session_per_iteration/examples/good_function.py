"""A tf.function has a graph of its own, also where sessions are used."""

import tensorflow.compat.v1 as tf


@tf.function
def double(x):
    return tf.multiply(x, 2.0)


x = tf.placeholder(tf.float32, [])
y = double(x)
with tf.Session() as sess:
    for value in range(10):
        print(sess.run(y, {x: value}))
