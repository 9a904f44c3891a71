"""Eager execution as it was before TensorFlow 2 has its tapes and metrics in contrib."""

import tensorflow as tf
from tensorflow.contrib import eager as tfe

from data import batches, net, optimizer


def train(epochs):
    averages = []
    for _ in range(epochs):
        average = tfe.metrics.Mean()
        for x, y in batches:
            with tfe.GradientTape() as tape:
                error = tf.reduce_mean(tf.square(net(x) - y))
            optimizer.apply_gradients(zip(tape.gradient(error, net.variables), net.variables))
            average(error)
        averages.append(average.result())  # expect: UTR001
    return averages
