"""The builder calls itself for its inner part; the loop calls the builder."""

import tensorflow as tf


def residual_stack(units, depth):
    if depth == 0:
        return tf.keras.Sequential([tf.keras.layers.Dense(units)])
    return tf.keras.Sequential([tf.keras.layers.Dense(units, activation="relu"), residual_stack(units, depth - 1)])


def compare_depths(x, y, max_depth):
    losses = []
    for depth in range(1, max_depth):
        model = residual_stack(16, depth)  # expect: IMR001
        model.compile("adam", "mse")
        losses.append(model.fit(x, y, epochs=10, verbose=0).history["loss"][-1])
    return losses
