"""A plain class builds a Keras model in __init__; the loop constructs the class."""

import tensorflow as tf


class Regressor:
    def __init__(self, hidden, learning_rate):
        self.net = tf.keras.models.Sequential([
            tf.keras.layers.Dense(hidden, activation="relu"),
            tf.keras.layers.Dense(1),
        ])
        self.net.compile(tf.keras.optimizers.Adam(learning_rate), "mse")

    def fit(self, x, y):
        self.net.fit(x, y, epochs=50, verbose=0)
        return self

    def score(self, x, y):
        return self.net.evaluate(x, y, verbose=0)


def tune(train, valid, hidden_sizes):
    best = None
    for hidden in hidden_sizes:
        regressor = Regressor(hidden, learning_rate=1e-3)  # expect: IMR001
        loss = regressor.fit(*train).score(*valid)
        if best is None or loss < best[0]:
            best = (loss, hidden)
    return best
