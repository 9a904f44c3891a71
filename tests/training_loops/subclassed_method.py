"""A subclassed model, which has no weights until it is built, made by a method and bound to an attribute."""

import numpy as np
from keras_in_use import keras, report, traced


class Net(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.hidden = keras.layers.Dense(units, activation="relu")
        self.norm = keras.layers.BatchNormalization()
        self.top = keras.layers.Dense(1)

    def call(self, x, training=False):
        return self.top(self.norm(self.hidden(x), training=training))


class Walk:
    def __init__(self, units):
        self.units = units

    def build(self):
        model = Net(self.units)
        model.compile("adagrad", traced)
        return model

    def run(self, x, y, size):
        for start in range(0, 64, size):
            self.model = self.build()
            self.model.fit(
                x[start : start + size], y[start : start + size], epochs=2, batch_size=8, verbose=0
            )
            report(start, self.model.evaluate(x, y, verbose=0))


keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(64, 8)).astype("float32")
Walk(10).run(x, x.min(axis=1), 16)
