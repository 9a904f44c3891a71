"""A function or a property gives the one model, which it makes when it is first asked."""

from functools import lru_cache

import keras

_net = None


def net():
    global _net
    if _net is None:
        _net = keras.models.load_model("net.keras")
    return _net


@lru_cache
def other():
    return keras.models.load_model("other.keras")


class Scorer:
    def __init__(self):
        self._model = None

    @property
    def model(self):
        if self._model is None:
            self._model = keras.models.load_model("model.keras")
        return self._model

    def score(self, rows):
        kept = []
        for row in rows:
            kept.append(self.model(row))  # expect: UTR001
        return [float(item) for item in kept]


def scores(rows):
    first, second = [], []
    for row in rows:
        first.append(net()(row))  # expect: UTR001
        second.append(other()(row))  # expect: UTR001
    return [float(item) for item in first + second]
