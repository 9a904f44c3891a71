"""The session is cleared first in each fold."""

from sklearn.model_selection import KFold
from tensorflow import keras


def build_model():
    model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def validate(x, y):
    scores = []
    for train, test in KFold(20).split(x):
        keras.backend.clear_session()
        model = build_model()  # expect: IMR002
        model.fit(x[train], y[train], epochs=5)
        scores.append(model.evaluate(x[test], y[test]))
    return scores
