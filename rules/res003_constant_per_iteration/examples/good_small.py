"""Numbers, and arrays of which nothing is known."""

import numpy as np
import tensorflow as tf
from data import unknown

rate = 0.1
size = np.prod((3, 4))


def run(batches):
    for batch in batches:
        print(tf.constant(rate) * batch, tf.constant([1.0, 2.0]), tf.constant(size), tf.constant(unknown))
