"""A traced function may make its variables on the first trace, and keep them."""

import tensorflow as tf


class Scale(tf.Module):
    def __init__(self):
        super().__init__()
        self.factors = []
        self.layers = []

    @tf.function
    def __call__(self, x):
        if not self.factors:
            self.factors.append(tf.Variable(1.0))
            self.layers.append(tf.keras.layers.Dense(4))
        return self.layers[0](x * self.factors[0])


def run(batches):
    scale = Scale()
    for x in batches:
        print(tf.reduce_sum(scale(x)))
