"""The model is built once; each fold starts from its initial weights."""

import numpy as np
import tensorflow as tf
from sklearn.model_selection import KFold


def build_model():
    model = tf.keras.Sequential([tf.keras.layers.Input((8,)), tf.keras.layers.Dense(32), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def cross_validate(x, y):
    model = build_model()
    initial = model.get_weights()
    scores = []
    for train, test in KFold(5).split(x):
        model.set_weights(initial)
        model.fit(x[train], y[train], epochs=10, verbose=0)
        scores.append(model.evaluate(x[test], y[test], verbose=0))
    return np.mean(scores)
