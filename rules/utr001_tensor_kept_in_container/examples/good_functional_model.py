"""Functional code: the tensors of the lists are symbolic and become one model."""

import tensorflow as tf
from tensorflow.keras import layers


def build_captcha_model(length, n_symbols):
    image = tf.keras.Input((50, 200, 1))
    x = layers.Flatten()(layers.Conv2D(16, 3, activation="relu")(image))
    outputs, skips = [], []
    for _ in range(length):
        hidden = layers.Dense(64, activation="relu")(x)
        skips.append(hidden)
        outputs.append(layers.Dense(n_symbols, activation="softmax")(hidden))
    return tf.keras.Model(image, outputs)


def feature_model(base, names):
    features = []
    for name in names:
        features.append(base.get_layer(name).output)
    return tf.keras.Model(base.input, features)
