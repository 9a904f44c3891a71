"""The numbers are kept, not the History."""

import keras


def main(folds):
    curves = []
    for x, y in folds:
        keras.backend.clear_session()
        model = keras.Sequential([keras.layers.Dense(64), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        curves.append(model.fit(x, y, epochs=20, verbose=0).history)
    return curves
