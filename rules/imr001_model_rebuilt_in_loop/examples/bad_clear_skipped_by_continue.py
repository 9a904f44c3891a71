"""The clear stands at the end of the loop, and `continue` skips it."""

import keras
import numpy as np


def build_model(rate):
    model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model


def search(x, y, rates):
    found = []
    for rate in rates:
        model = build_model(rate)  # expect: IMR001
        loss = model.fit(x, y, epochs=5, verbose=0).history["loss"][-1]
        if np.isnan(loss) or loss > 1.0:
            continue
        found.append((loss, rate))
        keras.backend.clear_session()
    return sorted(found)
