"""The traced function returns the loss; the list is filled with numbers outside."""

import tensorflow as tf


@tf.function
def step(model, optimizer, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x) - y))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return loss


def train(model, optimizer, dataset):
    losses = []
    for x, y in dataset:
        losses.append(float(step(model, optimizer, x, y)))
    return losses
