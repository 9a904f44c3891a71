"""A table that is read once is copied into a tensor for each question that a worker answers."""

import numpy as np
import tensorflow as tf

TABLE = np.load("embeddings.npy")


def nearest(vector, count):
    table = tf.convert_to_tensor(TABLE)  # expect: RES003
    return tf.math.top_k(tf.linalg.matvec(table, vector), count).indices.numpy()


def answer(questions):
    for vector in questions:
        print(nearest(vector, 5))
