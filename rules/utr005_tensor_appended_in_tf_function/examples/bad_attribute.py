"""A traced method appends to a list of the object."""

import keras
import tensorflow as tf


class Trainer:
    def __init__(self, model):
        self.model = model
        self.loss_fn = keras.losses.MeanSquaredError()
        self.optimizer = keras.optimizers.Adam()
        self.history = []

    @tf.function(jit_compile=True)
    def step(self, x, y):
        with tf.GradientTape() as tape:
            loss = self.loss_fn(y, self.model(x))
        grads = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply(grads, self.model.trainable_variables)
        self.history.append(loss)  # expect: UTR005

    def fit(self, dataset):
        for x, y in dataset:
            self.step(x, y)
