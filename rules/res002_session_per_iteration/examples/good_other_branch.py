"""A helper has a branch for tensors; the loop asks for the other one."""

import numpy as np
import tensorflow.compat.v1 as tf
from data import batches, network

tf.disable_v2_behavior()


def normalise(rows, kind):
    if kind == "tf":
        return tf.linalg.l2_normalize(rows, axis=1)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


inputs = tf.placeholder(tf.float32, [None, 8])
outputs = normalise(network(inputs), kind="tf")
with tf.Session() as sess:
    for batch in batches():
        print(normalise(sess.run(outputs, feed_dict={inputs: batch}), kind="np"))
