"""Outputs are kept by the names of features, or in the order of heads, until one model is made of them."""

import tensorflow as tf
from tensorflow import keras


@tf.function
def scaled(rows, scale):
    return tf.multiply(rows, scale)


class Encoder:
    def __init__(self, features):
        self.features = features
        self.inputs = {}
        self.encoded = {}

    def add(self, name, scale):
        value = keras.layers.Dense(8)(self.inputs[name])
        self.encoded[name] = scaled(value, scale)

    def build(self):
        for name, scale in self.features.items():
            self.inputs[name] = keras.Input((1,), name=name)
            self.add(name, scale)
        joined = dict(self.encoded)
        return keras.Model(inputs=self.inputs, outputs=joined)


class Heads:
    def __init__(self, tasks):
        self.tasks = tasks
        self.inputs = keras.Input((32,))
        self.outputs = []

    def build(self):
        for task in self.tasks:
            self.outputs.append(scaled(keras.layers.Dense(task.classes)(self.inputs), task.scale))
        return keras.Model(self.inputs, self.outputs)


class Towers:
    def __init__(self, columns):
        self.inputs = {name: keras.Input((4,), name=name) for name in columns}
        self.towers = {}

    def build(self):
        for name in self.inputs:
            self.put(name)
        self.net = keras.models.Model(self.inputs, keras.layers.concatenate(list(self.towers.values())))

    def put(self, name):
        self.towers[name] = scaled(keras.layers.Dense(2)(self.inputs[name]), 0.5)
