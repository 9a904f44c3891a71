"""A list of Python numbers is passed to a traced function: another list, another trace."""

import numpy as np
import tensorflow as tf


@tf.function
def energy(values):
    return tf.reduce_sum(tf.square(tf.convert_to_tensor(values)))


def score(rows):
    for row in rows:
        print(float(energy(row.tolist())))  # expect: IMR004


def score_sorted(rows):
    for row in rows:
        values = np.sort(row).tolist()
        print(float(energy(values)))  # expect: IMR004
