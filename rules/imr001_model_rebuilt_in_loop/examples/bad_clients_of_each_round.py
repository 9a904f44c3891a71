"""The clients of each round have models of their own, in a dictionary that each round makes anew."""

import numpy as np
import tensorflow as tf


class MLP:
    @staticmethod
    def build(shape):
        model = tf.keras.Sequential()
        model.add(tf.keras.layers.Dense(200, input_shape=shape))
        return model


class CNN:
    @staticmethod
    def build(shape):
        model = tf.keras.Sequential()
        model.add(tf.keras.layers.Conv2D(200, 3, input_shape=shape))
        return model


def initialize(name):
    model = None
    if name == "mlp":
        model = MLP()
    elif name == "cnn":
        model = CNN()
    return model


def train(builder, clients, rounds, data):
    server = builder.build((28, 28, 1))
    for r in range(rounds):
        weights = server.get_weights()
        local = {}
        for i in clients:
            local[i] = builder.build((28, 28, 1))  # expect: IMR001
            local[i].compile("adam", "mse")
            local[i].set_weights(weights)
            local[i].fit(data[i], epochs=1)
        server.set_weights([np.mean(w, 0) for w in zip(*(m.get_weights() for m in local.values()))])


train(initialize("mlp"), range(10), 100, np.load("x.npy"))
