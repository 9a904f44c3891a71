"""Network definitions."""

import tensorflow as tf
from tensorflow.keras import layers


def build_model(filters, dropout):
    model = tf.keras.Sequential()
    model.add(layers.Conv2D(filters, 3, activation="relu", input_shape=(32, 32, 3)))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model
