"""A lambda, and a loss made in the call, are other objects in each iteration."""

import tensorflow as tf


@tf.function
def apply(x, change):
    return tf.reduce_sum(change(x))


@tf.function
def score(x, y, loss):
    return loss(y, x)


def run(batches):
    for x, y in batches:
        print(float(apply(x, lambda value: value * 2)))  # expect: IMR004
        print(float(score(x, y, tf.keras.losses.MeanSquaredError())))  # expect: IMR004
