"""A generator yields a freshly built model for each setting."""

import tensorflow as tf


def candidates(settings):
    for units, activation in settings:
        model = tf.keras.Sequential([tf.keras.layers.Dense(units, activation), tf.keras.layers.Dense(1)])  # expect: IMR001
        model.compile("adam", "mse")
        yield model


def best_loss(x, y, settings):
    best = float("inf")
    for model in candidates(settings):
        model.fit(x, y, epochs=10, verbose=0)
        best = min(best, model.evaluate(x, y, verbose=0))
    return best
