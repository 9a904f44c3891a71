"""The whole training is a list comprehension over its steps."""

import tensorflow as tf


@tf.function
def train_step(model, optimizer, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x) - y))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_weights), model.trainable_weights))
    return loss


def train(model, optimizer, dataset):
    losses = [train_step(model, optimizer, x, y) for x, y in dataset.repeat(50)]  # todo: UTR001
    return [float(loss) for loss in losses]
