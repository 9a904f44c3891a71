"""Hyperopt's fmin() calls a method that builds, by keyword."""

from hyperopt import STATUS_OK, Trials, fmin, hp, tpe
from tensorflow.keras import layers, models


class Tuning:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def loss(self, space):
        net = models.Sequential()
        net.add(layers.Dense(int(space["width"]), activation="relu"))
        net.add(layers.Dense(1))
        net.compile("adam", "mse")
        net.fit(self.x, self.y, epochs=5, verbose=0)
        return {"loss": net.evaluate(self.x, self.y, verbose=0), "status": STATUS_OK}

    def run(self, trials):
        space = {"width": hp.quniform("width", 4, 64, 4)}
        return fmin(fn=self.loss, space=space, algo=tpe.suggest, max_evals=trials, trials=Trials())  # expect: IMR007
