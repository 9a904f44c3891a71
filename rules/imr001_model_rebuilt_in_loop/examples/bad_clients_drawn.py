"""Each round draws some clients, and each of them builds a model for its turn."""

import random

import numpy as np
import tensorflow as tf


def make():
    model = tf.keras.Sequential([tf.keras.layers.Dense(10)])
    model.compile("sgd", "mse")
    return model


class Client:
    def __init__(self, number):
        self.x = np.load(f"{number}.x.npy")
        self.y = np.load(f"{number}.y.npy")

    def fit(self, weights):
        model = make()
        model.set_weights(weights)
        model.fit(self.x, self.y, epochs=1)
        return model.get_weights()


class Server:
    def __init__(self, count):
        self.clients = [Client(number) for number in range(count)]
        self.weights = make().get_weights()

    def run(self, rounds):
        for _ in range(rounds):
            found = [client.fit(self.weights) for client in random.sample(self.clients, 10)]  # expect: IMR001
            self.weights = [np.mean(each, 0) for each in zip(*found)]

    def run_by_array(self, rounds):
        for _ in range(rounds):
            for client in np.random.choice(self.clients, 10):
                self.weights = client.fit(self.weights)  # expect: IMR001

    def run_one(self, rounds):
        for _ in range(rounds):
            self.weights = random.choice(self.clients).fit(self.weights)  # expect: IMR001


Server(100).run(500)
