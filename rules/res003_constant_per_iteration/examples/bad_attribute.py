"""A method that a loop calls makes a tensor of an attribute."""

import numpy as np
import tensorflow as tf


class Weights:
    def __init__(self, path):
        self.values = np.loadtxt(path)

    def weigh(self, batch):
        return float(tf.reduce_sum(tf.constant(self.values) * batch))  # expect: RES003


def run(batches):
    weights = Weights("weights.txt")
    for batch in batches:
        print(weights.weigh(batch))
