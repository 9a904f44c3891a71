"""The same item is predicted in each epoch, to see how the training goes on."""

import numpy as np
import tensorflow as tf


def train(net: tf.keras.Model, optimizer, batches, epochs):
    sample = np.zeros((1, 8))
    for _ in range(epochs):
        for x, y in batches:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((net(x) - y) ** 2)
            gradients = tape.gradient(loss, net.trainable_variables)
            optimizer.apply_gradients(zip(gradients, net.trainable_variables))
        print(net.predict(sample))


def fit(net: tf.keras.Model, x, y, epochs):
    sample = np.zeros((1, 8))
    for _ in range(epochs):
        net.fit(x, y)
        print(net.predict(sample))
