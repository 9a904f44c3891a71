"""The builder clears what the previous iteration left before it builds."""

import tensorflow as tf
from tensorflow.keras import backend as K


def create_model(units):
    K.clear_session()
    model = tf.keras.Sequential([tf.keras.layers.Dense(units, activation="relu"), tf.keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="adam")
    return model


def search(x, y):
    scores = {}
    for units in range(8, 129, 8):
        model = create_model(units)
        scores[units] = model.fit(x, y, epochs=5, verbose=0).history["loss"][-1]
    return min(scores, key=scores.get)
