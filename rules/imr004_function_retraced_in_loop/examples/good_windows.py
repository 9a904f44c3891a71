"""Parts of one length, of whatever begins where."""

import tensorflow as tf


@tf.function
def mean(part):
    return tf.reduce_mean(part)


def windows(series, size):
    for start in range(0, 500):
        print(mean(series[start : start + size]))
