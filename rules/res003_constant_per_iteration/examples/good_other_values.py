"""Another part of the array, or another array, each time."""

import numpy as np
import tensorflow as tf

table = np.load("table.npy")


def run(count):
    for row in range(count):
        yield tf.constant(table[row])
    for path in ("a.npy", "b.npy"):
        part = np.load(path)
        yield tf.constant(part)
