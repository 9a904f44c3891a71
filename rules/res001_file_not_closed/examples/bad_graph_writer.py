"""A writer of TensorFlow 1, which keeps a thread, is opened for each fold."""

import tensorflow.compat.v1 as tf

tf.disable_eager_execution()


def train(folds):
    for fold in folds:
        writer = tf.summary.FileWriter(f"logs/{fold}")  # expect: RES001
        writer.add_graph(tf.get_default_graph())
