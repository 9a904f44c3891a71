"""Weights are read from a file: each variable takes an operation of its own."""

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()


def restore(sess, path):
    for name, values in np.load(path).items():
        with tf.variable_scope(name, reuse=True):
            variable = tf.get_variable("weights")
            sess.run(variable.assign(values))


def restore_all(sess, path):
    for variable, values in zip(tf.trainable_variables(), np.load(path).values()):
        sess.run(tf.assign(variable, values))


with tf.Session() as session:
    restore(session, "weights.npz")
    restore_all(session, "weights.npz")
