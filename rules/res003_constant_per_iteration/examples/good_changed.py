"""The array changes in each iteration."""

import numpy as np
import tensorflow as tf


def run(count):
    state = np.zeros((100,))
    for row in range(count):
        state[row] = 1.0
        print(tf.constant(state))
