"""The item is one of a list of inputs, and what is predicted takes the name of what went in."""

import numpy as np
from tensorflow import keras


def answer(path, states, count):
    decoder = keras.models.load_model(path)
    token = np.zeros((1, 1, 50))
    chosen = []
    for _ in range(count):
        output, h, c = decoder.predict([token] + states)  # expect: IMR006
        chosen.append(np.argmax(output[0, -1]))
        states = [h, c]
    return chosen


def render(path, images):
    autoencoder = keras.models.load_model(path)
    kept = []
    for image in images:
        picture = np.reshape(image, (1, 64, 64, 3))
        picture = autoencoder.predict(picture)  # expect: IMR006
        kept.append(picture.reshape(64, 64, 3))
    return kept
