"""A parameter is asked as only Keras is, with a number for how much it shows."""

import numpy as np
import tensorflow as tf  # noqa: F401


def forecast(model, window, days):
    found = []
    for _ in range(days):
        value = model.predict(np.expand_dims(window, axis=0), verbose=0)[0, 0]  # expect: IMR006
        found.append(value)
        window = np.vstack([window[1:], [value]])
    return found
