"""A factory returns a constructor, and the loop calls what it returned."""

import functools

import tensorflow as tf


class ConvNet(tf.keras.Model):
    def __init__(self, filters):
        super().__init__()
        self.conv = tf.keras.layers.Conv2D(filters, 3)
        self.out = tf.keras.layers.Dense(10)

    def call(self, inputs):
        return self.out(tf.reduce_mean(self.conv(inputs), axis=(1, 2)))


def get_model_constructor(filters):
    return functools.partial(ConvNet, filters)


def initial_weights(sample, filter_counts):
    weights = []
    for filters in filter_counts:
        net = get_model_constructor(filters)()  # expect: IMR001
        net(sample)
        weights.append(net.get_weights())
    return weights
