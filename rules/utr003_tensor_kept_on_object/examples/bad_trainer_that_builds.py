"""The class makes its functional model and trains it: losses of the steps are no outputs of that."""

import tensorflow as tf
from tensorflow import keras


class Trainer:
    def __init__(self):
        inputs = keras.Input((4,))
        self.net = keras.Model(inputs, keras.layers.Dense(1)(inputs))
        self.optimizer = keras.optimizers.Adam()
        self.losses = {}
        self.history = []

    def step(self, rows, labels):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self.net(rows) - labels) ** 2)
        gradients = tape.gradient(loss, self.net.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.net.trainable_variables))
        return loss

    def train(self, batches, steps):
        for number in range(steps):
            rows, labels = batches[number]
            self.losses[number] = self.step(rows, labels)  # expect: UTR003
        for rows, labels in batches:
            self.history.append(self.step(rows, labels))  # expect: UTR003
