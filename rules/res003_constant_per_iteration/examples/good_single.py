"""A loop that is left right after."""

import numpy as np
import tensorflow as tf

table = np.load("table.npy")


def first(rows):
    for row in rows:
        return tf.constant(table)
