"""Each step's loss tensor is appended; only its value is plotted afterwards."""

import matplotlib.pyplot as plt
import tensorflow as tf


def train(model, dataset, optimizer, epochs):
    losses = []
    for _ in range(epochs):
        for x, y in dataset:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(model(x, training=True) - y))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))
            losses.append(float(loss))
    plt.plot(losses)
