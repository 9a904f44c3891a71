"""One clear before the loop releases nothing of what the loop builds."""

import keras
from keras.utils import clear_session


def learning_curve(x, y, sizes):
    clear_session()
    losses = []
    for size in sizes:
        model = keras.Sequential([  # expect: IMR001
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(1),
        ])
        model.compile("rmsprop", "mse")
        losses.append(model.fit(x[:size], y[:size], epochs=20, verbose=0).history["loss"][-1])
    return losses
