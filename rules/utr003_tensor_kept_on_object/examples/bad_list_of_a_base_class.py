"""The list is declared in a base class of two; one of them keeps tensors in it, and the base reads it."""

import numpy as np
import tensorflow as tf


class Log:
    def __init__(self):
        self.rows = []

    def mean(self):
        return np.mean(self.rows)


class Losses(Log):
    def add(self, value):
        self.rows.append(value)  # expect: UTR003


class Names(Log):
    def add(self, value):
        self.rows.append(str(value))


def train(model, data, loss, optimizer):
    losses, names = Losses(), Names()
    for x, y in data:
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(loss(y, model(x)))
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        losses.add(value)
        names.add(model.name)
    return losses.mean()
