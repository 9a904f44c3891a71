"""The list is a parameter of the helper that the loop calls."""

import tensorflow as tf


def train_batch(model, optimizer, batch, losses):
    x, y = batch
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.keras.losses.huber(y, model(x)))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    losses.append(loss)  # expect: UTR001


def train(model, optimizer, dataset):
    losses = []
    for batch in dataset:
        train_batch(model, optimizer, batch, losses)
    return losses
