"""The functions are run and dropped at the end of each epoch, or the list is bounded."""

import collections

import tensorflow as tf


def train(model, dataset, epochs):
    recent = collections.deque(maxlen=10)
    pending = []
    for _ in range(epochs):
        for x in dataset:
            hidden = model(x)
            pending.append(lambda hidden=hidden: print(tf.norm(hidden)))
            recent.append(lambda hidden=hidden: tf.reduce_mean(hidden))
        for report in pending:
            report()
        pending.clear()
    return [float(report()) for report in recent]
