"""Each fold is predicted once, right after it was trained on."""

import keras
from sklearn.model_selection import KFold


def build():
    model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def main(x, y):
    for train, test in KFold(5).split(x):
        keras.backend.clear_session()
        model = build()
        model.fit(x[train], y[train], epochs=20)
        print(((model.predict(x[test]) - y[test]) ** 2).mean())
        model.evaluate(x[test], y[test])
