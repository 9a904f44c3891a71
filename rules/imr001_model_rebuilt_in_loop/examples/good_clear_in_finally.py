"""The clear stands in `finally`: neither `continue` nor an exception skips it."""

import keras
import numpy as np


def objective(units):
    model = keras.Sequential([keras.layers.Dense(units, activation="relu"), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    x = np.random.rand(64, 4)
    return model.fit(x, x.sum(axis=1), epochs=3, verbose=0).history["loss"][-1]


def search(sizes):
    best = np.inf
    for units in sizes:
        try:
            loss = objective(units)
            if np.isnan(loss):
                continue
            best = min(best, loss)
        finally:
            keras.backend.clear_session()
    return best
