"""Each step replaces the function of the step before."""

import tensorflow as tf


class Trainer:
    def __init__(self, model):
        self.model = model
        self.describe = None
        self.hooks = {}

    def step(self, x):
        hidden = self.model(x)
        self.describe = lambda: tf.reduce_mean(hidden)
        self.hooks["last"] = lambda: tf.reduce_max(hidden)

    def run(self, dataset):
        for x in dataset:
            self.step(x)
        return self.describe(), self.hooks["last"]()
