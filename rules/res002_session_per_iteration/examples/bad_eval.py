"""eval() runs the default session; what it is called on is new each time."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

values = tf.placeholder(tf.float32, [None])
with tf.Session().as_default():
    for number in range(1000):
        print(tf.reduce_mean(values).eval({values: [number, number + 1.0]}))  # expect: RES002
