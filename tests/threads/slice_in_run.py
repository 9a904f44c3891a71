"""tensorflow/tensorflow#7127, #19049: a slice of a tensor is an operation too."""

import tensorflow as tf

images = tf.placeholder(tf.float32, [None, 32, 32, 3])
epochs = tf.reduce_mean(images, axis=[1, 2])


def watch(sess, batches):
    for batch in batches:
        print(sess.run(epochs[0], feed_dict={images: batch}))  # expect: RES002


with tf.Session() as session:
    watch(session, [[[[[0.0] * 3] * 32] * 32]] * 100)
