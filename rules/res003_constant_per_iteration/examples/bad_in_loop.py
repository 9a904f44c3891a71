"""A table is made a tensor in each iteration."""

import numpy as np
import tensorflow as tf

table = np.load("table.npy")


def look_up(batches):
    for batch in batches:
        values = tf.constant(table)  # expect: RES003
        yield tf.gather(values, batch).numpy()
