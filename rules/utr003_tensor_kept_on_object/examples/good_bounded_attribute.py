"""A deque with `maxlen`, or a list cut back to its last entries, on the object."""

from collections import deque

import tensorflow as tf


class Monitor:
    def __init__(self, window):
        self.recent = deque(maxlen=window)
        self.norms = []

    def update(self, grads):
        self.recent.append(tf.linalg.global_norm(grads))
        self.norms.append(tf.linalg.global_norm(grads))
        if len(self.norms) > 100:
            self.norms.pop(0)

    def run(self, batches):
        for grads in batches:
            self.update([tf.abs(g) for g in grads])
