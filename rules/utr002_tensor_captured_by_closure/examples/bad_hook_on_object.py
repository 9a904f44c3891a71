"""A method that is called in each step registers a hook that holds the step's tensor."""

import tensorflow as tf


class Trainer:
    def __init__(self, model, optimizer):
        self.model = model
        self.optimizer = optimizer
        self.at_end = []

    def step(self, x, y):
        with tf.GradientTape() as tape:
            output = self.model(x, training=True)
            loss = tf.reduce_mean(tf.square(output - y))
        grads = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.model.trainable_variables))
        self.at_end.append(lambda: print("output range", tf.reduce_min(output), tf.reduce_max(output)))  # expect: UTR002

    def run(self, dataset):
        for x, y in dataset:
            self.step(x, y)
        for hook in self.at_end:
            hook()
