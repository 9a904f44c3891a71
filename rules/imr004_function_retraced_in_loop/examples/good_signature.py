"""The traced function says what it is traced for: numbers become tensors, lengths stay open."""

import tensorflow as tf


@tf.function(input_signature=[tf.TensorSpec([None]), tf.TensorSpec([], tf.int32)])
def mean(series, number):
    return tf.reduce_mean(series) * tf.cast(number, tf.float32)


@tf.function(reduce_retracing=True)
def total(series):
    return tf.reduce_sum(series)


def run(series):
    for end in range(1, 100):
        print(mean(series[:end], end), total(series[:end]))
