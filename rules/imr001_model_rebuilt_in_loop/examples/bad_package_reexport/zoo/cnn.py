"""A small convolutional network."""

import keras

from .parts import head


def make_cnn(image_size):
    inputs = keras.Input((image_size, image_size, 3))
    features = keras.layers.Conv2D(32, 3, activation="relu")(inputs)
    return keras.Model(inputs, head(features))
