"""Counters reach traced functions as tensors, variables, or elements of a dataset."""

import tensorflow as tf

net = tf.keras.Sequential([tf.keras.layers.Dense(1)])


@tf.function
def step(x, number):
    return tf.reduce_mean(net(x)) * tf.cast(number, tf.float32)


class Loop:
    def __init__(self):
        self.count = tf.Variable(0)

    def run(self, batches):
        for x in batches:
            self.count.assign_add(1)
            step(x, self.count)


def run(data):
    for number, x in enumerate(data):
        step(x, tf.constant(number))
    for number, x in data.enumerate():
        step(x, number)
    for number in tf.range(10):
        step(tf.ones((4, 2)), number)
    total = tf.constant(0)
    for x in data:
        total += 1
        step(x, total)
