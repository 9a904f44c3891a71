"""The model is built in the arguments of a call that trains it."""

import keras
import numpy as np


def get_model():
    return keras.Sequential([keras.layers.Dense(10, activation="relu"), keras.layers.Dense(1)])


def train(model, x, y):
    model.compile("adam", "mse")
    model.fit(x, y, epochs=5, verbose=0)
    return model.evaluate(x, y, verbose=0)


def bootstrap(x, y, repeats):
    losses = []
    for _ in range(repeats):
        sample = np.random.randint(0, len(x), len(x))
        losses.append(train(get_model(), x[sample], y[sample]))  # expect: IMR001
    return np.std(losses)
