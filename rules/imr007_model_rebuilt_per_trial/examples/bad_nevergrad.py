"""Nevergrad minimizes an object that is called; the search is made elsewhere in the class."""

import keras
import nevergrad as ng


class Objective:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __call__(self, width):
        model = keras.Sequential([keras.layers.Dense(int(width)), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(self.x, self.y, verbose=0)
        return model.evaluate(self.x, self.y, verbose=0)


def main(x, y):
    optimizer = ng.optimizers.NGOpt(parametrization=ng.p.Scalar(lower=4, upper=64), budget=100)
    return optimizer.minimize(Objective(x, y))  # expect: IMR007
