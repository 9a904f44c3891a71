"""The bound method `losses.append` has a name of its own."""

import tensorflow as tf


def minimise(function, start, rate, steps):
    losses = []
    record = losses.append
    point = tf.Variable(start)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(function(point))
        point.assign_sub(rate * tape.gradient(loss, point))
        record(loss)  # expect: UTR001
    return point, losses
