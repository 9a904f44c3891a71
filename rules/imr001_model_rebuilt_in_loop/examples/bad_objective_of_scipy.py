"""SciPy calls the objective again and again: its loop is in no code of the project."""

import keras
from scipy.optimize import minimize


def build_model(width):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(int(width)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def objective(params, x, y):
    model = build_model(params[0])
    model.fit(x, y, verbose=0)
    return model.evaluate(x, y, verbose=0)


def search(x, y):
    return minimize(objective, [8.0], args=(x, y))  # expect: IMR001
