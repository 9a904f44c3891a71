"""The loop defines builders for a tuner; it calls none of them."""

import tensorflow as tf


def make_builders(widths):
    builders = {}
    for width in widths:

        def build(width=width):
            return tf.keras.Sequential([tf.keras.layers.Dense(width), tf.keras.layers.Dense(1)])

        builders[width] = build
        builders[-width] = lambda width=width: tf.keras.Sequential([tf.keras.layers.Dense(width)])
    return builders


def train_one(x, y, width):
    model = make_builders([8, 16, 32])[width]()
    model.compile("adam", "mse")
    return model.fit(x, y)
