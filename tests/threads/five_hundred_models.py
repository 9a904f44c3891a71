"""tensorflow/tensorflow#80753: a method makes a model, trains it, deletes it; five hundred times."""

import gc

import numpy as np
import psutil
import tensorflow as tf


class Experiment:
    def __init__(self):
        self.x = np.random.rand(1000, 20)
        self.y = np.random.rand(1000, 1)

    def create_model(self):
        model = tf.keras.Sequential()
        model.add(tf.keras.layers.Input((20,)))
        model.add(tf.keras.layers.Dense(64, activation="relu"))
        model.add(tf.keras.layers.Dense(1))
        model.compile(optimizer="adam", loss="mse")
        return model

    def run(self, iterations=500):
        for number in range(iterations):
            model = self.create_model()  # expect: IMR001
            model.fit(self.x, self.y, epochs=1, verbose=0)
            del model
            gc.collect()
            print(number, psutil.Process().memory_info().rss / 1e6)


Experiment().run()
