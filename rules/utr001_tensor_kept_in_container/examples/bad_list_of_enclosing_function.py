"""The training step is a nested function and appends to a list of the function around it."""

import keras
import tensorflow as tf


def fit(model, dataset, epochs):
    losses = []
    optimizer = keras.optimizers.Adam()

    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.binary_crossentropy(y, model(x)))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        losses.append(loss)  # expect: UTR001

    for _ in range(epochs):
        for x, y in dataset:
            step(x, y)
    return [float(loss) for loss in losses]
