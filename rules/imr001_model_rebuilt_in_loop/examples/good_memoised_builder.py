"""Each distinct model is built once: lru_cache, or a dictionary asked first."""

import functools

import keras

_models = {}


@functools.lru_cache(maxsize=None)
def build_classifier(n_classes):
    return keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(n_classes)])


def classify_all(batches):
    for x, n_classes in batches:
        yield build_classifier(n_classes).predict(x)


def embed_all(batches):
    for x, size in batches:
        if size not in _models:
            _models[size] = keras.Sequential([keras.layers.Dense(size)])
        yield _models[size].predict(x)
