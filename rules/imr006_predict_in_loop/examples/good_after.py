"""The items are gathered in the loop and predicted once after it."""

import keras
import numpy as np

model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])


def main(paths):
    rows = []
    for path in paths:
        rows.append(np.load(path))
    return model.predict(np.stack(rows))
