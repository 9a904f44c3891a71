"""Calling a model on data is a forward pass, not a construction."""

import tensorflow as tf


class Gan:
    def __init__(self):
        self.generator = tf.keras.Sequential([tf.keras.layers.Dense(784, activation="tanh")])
        self.discriminator = tf.keras.Sequential([tf.keras.layers.Dense(1)])

    def train(self, dataset, steps, noise_size=100):
        for real in dataset.take(steps):
            noise = tf.random.normal((real.shape[0], noise_size))
            generated = self.generator(noise, training=True)
            print(float(tf.reduce_mean(self.discriminator(generated))))
