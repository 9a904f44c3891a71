"""A method of the trainer makes the data set of its own arrays in each epoch."""

import keras
import tensorflow as tf


class Trainer:
    def __init__(self, x, y):
        self.x, self.y = x, y
        self.model = keras.Sequential([keras.layers.Dense(1)])
        self.model.compile("adam", "mse")

    def epoch(self):
        data = tf.data.Dataset.from_tensor_slices((self.x, self.y)).batch(32)  # expect: IMR005
        return self.model.fit(data, verbose=0).history["loss"][0]

    def run(self, epochs):
        for number in range(epochs):
            print(number, self.epoch())
