"""TensorFlow 1: each iteration builds in a graph of its own, which goes with it."""

import tensorflow.compat.v1 as tf
from tensorflow.compat.v1.keras.layers import Dense
from tensorflow.compat.v1.keras.models import Sequential


def build_model(units):
    return Sequential([Dense(units, input_dim=4), Dense(1)])


def compare(x, y, sizes):
    losses = {}
    for units in sizes:
        with tf.Graph().as_default(), tf.Session():
            model = build_model(units)
            model.compile("sgd", "mse")
            losses[units] = model.fit(x, y, epochs=3).history["loss"][-1]
    return losses
