"""TensorFlow 1 spelling of the release."""

import numpy as np
import tensorflow as tf
from keras.layers import Dense
from keras.models import Sequential


def fit_each(series):
    slopes = []
    for values in series:
        tf.compat.v1.reset_default_graph()
        model = Sequential()
        model.add(Dense(1, input_dim=1))
        model.compile(loss="mse", optimizer="sgd")
        model.fit(np.arange(len(values)), values, epochs=100, verbose=0)
        slopes.append(model.get_weights()[0].item())
    return slopes
