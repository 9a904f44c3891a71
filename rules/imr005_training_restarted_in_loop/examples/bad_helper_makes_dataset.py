"""A helper makes the data set; the loop is in the caller."""

import keras
import tensorflow as tf


def pipeline(x, y, size):
    return tf.data.Dataset.from_tensor_slices((x, y)).batch(size)  # expect: IMR005


def main(x, y, rounds):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("adam", "mse")
    best = None
    for _ in range(rounds):
        model.fit(pipeline(x, y, 64), verbose=0)
        score = model.evaluate(pipeline(x, y, 64), verbose=0)
        if best is None or score < best:
            best = score
    return best
