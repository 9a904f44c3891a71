"""The object keeps the tape, and with it the last step's intermediates, between the steps."""

import tensorflow as tf
from tensorflow import keras


class Critic:
    def __init__(self, model):
        self.model = model
        self.optimizer = keras.optimizers.Adam(1e-4)
        self.tape = None

    def step(self, x, y):
        with tf.GradientTape(persistent=True) as tape:
            value = self.model(x)
            loss = keras.losses.MeanSquaredError()(y, value)
        self.tape = tape  # expect: UTR004
        grads = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.model.trainable_variables))


def train(critic, dataset):
    for x, y in dataset:
        critic.step(x, y)
