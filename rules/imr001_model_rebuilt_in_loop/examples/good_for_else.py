"""The model is built in the else branch of the loop, once."""

import os

import tensorflow as tf


def restore_or_build(checkpoints):
    for path in checkpoints:
        if os.path.exists(path):
            model = tf.keras.models.load_model(path)
            break
    else:
        model = tf.keras.Sequential([tf.keras.layers.Dense(64, activation="relu"), tf.keras.layers.Dense(10)])
        model.compile("adam", "sparse_categorical_crossentropy")
    return model
