"""Chunks from a generator are no larger than one step of predict()."""

import keras
import numpy as np

network = keras.models.load_model("network.keras")


def pieces(rows, size):
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def scores(rows):
    found = []
    for piece in pieces(rows, 32):
        found.append(network.predict(piece, verbose=0))  # expect: IMR006
    return np.concatenate(found)
