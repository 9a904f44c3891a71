"""Helpers of the notebooks."""

from tensorflow.keras.layers import *
from tensorflow.keras.models import *


def autoencoder(size, code):
    inputs = Input(shape=(size,))
    encoded = Dense(code, activation="relu")(inputs)
    decoded = Dense(size, activation="sigmoid")(encoded)
    model = Model(inputs, decoded)
    model.compile(optimizer="adam", loss="mse")
    return model
