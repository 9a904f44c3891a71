"""The list lives in a function that is called once an epoch and returns a number."""

import numpy as np
import tensorflow as tf


def validate(model, dataset):
    losses = []
    for x, y in dataset:
        losses.append(tf.reduce_mean(tf.keras.losses.mae(y, model(x, training=False))))
    return np.mean(losses)


def train(model, train_data, valid_data, epochs):
    curve = []
    for _ in range(epochs):
        model.fit(train_data, verbose=0)
        curve.append(validate(model, valid_data))
    return curve
