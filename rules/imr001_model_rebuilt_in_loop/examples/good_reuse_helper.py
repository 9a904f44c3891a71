"""A model built in each iteration only to give its initial state to the one that is kept and trained."""

import keras
from sklearn.model_selection import KFold


def build_model():
    model = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def restart(model, fresh):
    if model is None:
        return fresh
    if not fresh.built:
        fresh.build(model.input_shape)
    for variable, value in zip(model.variables, fresh.variables):
        variable.assign(value)
    return model


def cross_validate(x, y):
    model, losses = None, []
    for train, test in KFold(5).split(x):
        model = restart(model, build_model())
        model.fit(x[train], y[train], verbose=0)
        losses.append(model.evaluate(x[test], y[test], verbose=0))
    return losses
