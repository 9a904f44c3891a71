"""Samples are drawn in a method, which every so many steps of the training call."""

import keras
import numpy as np


class Gan:
    def __init__(self):
        self.generator = keras.models.load_model("generator.keras")
        self.combined = keras.models.load_model("combined.keras")

    def train(self, epochs, interval):
        for epoch in range(epochs):
            self.combined.train_on_batch(np.random.normal(size=(32, 100)), np.ones((32, 1)))
            if epoch % interval == 0:
                self.show(epoch)

    def show(self, epoch):
        print(epoch, self.generator.predict(np.random.normal(size=(25, 100))))
        print(epoch, self.generator.predict(np.random.normal(size=(1, 100))))
