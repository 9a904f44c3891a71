"""The object keeps numbers."""

import tensorflow as tf


class Trainer:
    def __init__(self, model):
        self.model = model
        self.history = []
        self.by_step = {}

    @tf.function
    def _step(self, x, y):
        return tf.reduce_mean(tf.square(self.model(x) - y))

    def train_step(self, step, x, y):
        loss = self._step(x, y)
        self.history.append(loss.numpy())
        self.by_step[step] = float(loss)

    def fit(self, dataset):
        for step, (x, y) in enumerate(dataset):
            self.train_step(step, x, y)
