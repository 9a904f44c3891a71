"""Parameters that are annotated are what the annotation says, where no call says more."""

from typing import Optional

import tensorflow as tf
from tensorflow import keras


def answers(net: keras.Model, rows: list) -> list:
    kept = []
    for row in rows:
        kept.append(net(row))  # expect: UTR001
    return kept


def features(net: Optional[tf.keras.Sequential], rows: list, head: keras.layers.Layer | None = None) -> list:
    kept = []
    for row in rows:
        kept.append(net(row))  # expect: UTR001
    return kept


class Buffer:
    def fill(self, states: tf.Tensor, net: keras.Model, optimizer, steps: int) -> list:
        seen = []
        for _ in range(steps):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(net(states))
            optimizer.apply_gradients(zip(tape.gradient(loss, net.weights), net.weights))
            seen.append(states)  # expect: UTR001
        return seen
