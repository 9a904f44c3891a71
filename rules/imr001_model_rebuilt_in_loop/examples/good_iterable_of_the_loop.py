"""The model is built in the expression that the loop iterates over, which is evaluated once."""

import keras


def build_model():
    return keras.Sequential([keras.layers.Dense(16), keras.layers.Dense(1)])


def show(x):
    for value in build_model().predict(x):
        print(value)
    for layer in build_model().layers:
        print(layer.name)
    return [round(float(value), 3) for value in build_model().predict(x)[:, 0]]
