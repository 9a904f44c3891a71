"""The module with the loop."""

import numpy as np
import tensorflow as tf


class Generator:
    def __init__(self, path):
        self._model = tf.keras.models.load_model(path)

    def generate(self, seed, length):
        window = list(seed)
        for _ in range(length):
            odds = self._model.predict(x=np.array([window]), verbose=0)[0]  # expect: IMR006
            window = window[1:] + [int(np.argmax(odds))]
        return window
