"""The part of a tensor that is passed is longer in each iteration."""

import tensorflow as tf


@tf.function
def last_mean(series):
    return tf.reduce_mean(series[-3:])


def running(series):
    means = []
    for end in range(3, 500):
        means.append(float(last_mean(series[:end])))  # expect: IMR004
    return means
