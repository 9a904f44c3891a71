"""The list belongs to the function around the traced one."""

import tensorflow as tf


def train(model, dataset, optimizer):
    gradients = []

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.keras.losses.mse(y, model(x)))
        grads = tape.gradient(loss, model.trainable_variables)
        gradients.append(grads[0])  # expect: UTR005
        optimizer.apply_gradients(zip(grads, model.trainable_variables))

    for x, y in dataset:
        step(x, y)
    return gradients
