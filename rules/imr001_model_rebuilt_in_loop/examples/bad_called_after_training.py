"""The trained model is called on data, and what it gives is kept."""

import tensorflow as tf


def bootstrap(x, y, samples):
    errors = []
    for rows in samples:
        model = tf.keras.Sequential([tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(1)])  # expect: IMR001
        model.compile("adam", "mse")
        model.fit(x[rows], y[rows], verbose=0)
        errors.append(float(tf.reduce_mean(tf.square(model(x) - y))))
    return errors
