"""The model is a parameter, and nobody in sight calls the function."""

import numpy as np
import tensorflow as tf
from tensorflow.keras.models import Model


def score_cam(model, image, layer):
    maps = Model(model.inputs, model.get_layer(layer).output).predict(image)
    scores = []
    for channel in range(maps.shape[-1]):
        masked = image[0] * maps[0, :, :, channel : channel + 1]
        scores.append(model.predict(masked[np.newaxis])[0])  # expect: IMR006
    return np.array(scores)


def occlusion(model: tf.keras.Model, image, size):
    heat = np.zeros(image.shape[:2])
    for row in range(0, image.shape[0], size):
        for column in range(0, image.shape[1], size):
            masked = image.copy()
            masked[row : row + size, column : column + size] = 0
            heat[row, column] = model.predict(np.expand_dims(masked, 0))[0, 0]  # expect: IMR006
    return heat


class Explainer:
    def __init__(self, network):
        self.network = network
        self.head = tf.keras.Model(self.network.input, self.network.layers[-2].output)

    def drops(self, row):
        found = []
        for column in range(len(row)):
            without = row.copy()
            without[column] = 0
            found.append(self.network.predict(without.reshape(1, -1))[0])  # expect: IMR006
        return found
