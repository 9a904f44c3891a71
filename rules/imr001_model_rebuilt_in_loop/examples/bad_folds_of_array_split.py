"""Five folds by array_split, each around a long fit: advice."""

import keras
import numpy as np


def build():
    net = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(1)])
    net.compile("adam", "mse")
    return net


def folds(rows, labels):
    for part in np.array_split(np.arange(len(rows)), 5):
        net = build()  # expect: IMR001
        net.fit(rows[part], labels[part], epochs=50)
        print(net.evaluate(rows, labels))
