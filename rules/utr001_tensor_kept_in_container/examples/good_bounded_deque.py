"""A deque with `maxlen` drops the oldest tensor."""

import collections
from collections import deque

import tensorflow as tf


def train(step, dataset):
    recent = deque(maxlen=100)
    replay = collections.deque([], 1000)
    for x, y in dataset:
        loss = tf.reduce_mean(step(x, y))
        recent.append(loss)
        replay.append((x, y))
        if tf.reduce_mean(tf.stack(list(recent))) < 0.01:
            break
