"""A generator expression is a loop, too."""

import tensorflow as tf


def train(units):
    model = tf.keras.Sequential([tf.keras.layers.Dense(units), tf.keras.layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    x = tf.random.normal((256, 10))
    history = model.fit(x, tf.reduce_sum(x, axis=1), epochs=5, verbose=0)
    return -history.history["mae"][-1]


best = max(train(units) for units in range(16, 257, 16))  # expect: IMR001
print(best)
