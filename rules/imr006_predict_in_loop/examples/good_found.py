"""The loop searches for a file, and ends with the prediction."""

import keras
import numpy as np


def first(paths):
    model = keras.models.load_model("model.keras")
    for path in paths:
        if path.exists():
            return model.predict(np.load(path))
    return None
