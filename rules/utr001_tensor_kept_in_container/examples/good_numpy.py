"""`.numpy()` gives the value; the tensor goes with the iteration."""

import tensorflow as tf


def train(model, dataset, optimizer):
    losses, predictions = [], []
    for x, y in dataset:
        with tf.GradientTape() as tape:
            output = model(x, training=True)
            loss = tf.reduce_mean(tf.square(output - y))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        losses.append(loss.numpy())
        predictions.append(tf.nn.softmax(output).numpy()[:4])
    return losses, predictions
