"""The user's own loop fits an estimator for each setting."""

import keras
from scikeras.wrappers import KerasRegressor


def create(width):
    model = keras.Sequential([keras.layers.Dense(width), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def main(x, y, widths):
    scores = {}
    for width in widths:
        estimator = KerasRegressor(create, model__width=width, epochs=3, verbose=0)
        estimator.fit(x, y)  # expect: IMR007
        scores[width] = estimator.score(x, y)
    return scores
