"""A lambda predicts what map() gives it."""

import keras
import numpy as np


def labels(images):
    network = keras.applications.MobileNetV2()
    return list(map(lambda image: np.argmax(network.predict(image[None])), images))  # expect: IMR006
