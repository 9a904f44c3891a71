"""The value of the tensor is what the default of the function holds."""

import tensorflow as tf


def train(model, optimizer, dataset):
    reports = []
    for step, (x, y) in enumerate(dataset):
        with tf.GradientTape() as tape:
            hidden = model(x, training=True)
            loss = tf.reduce_mean(tf.square(hidden - y))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.weights), model.weights))
        reports.append(lambda step=step, hidden=hidden.numpy(): print(step, hidden.mean()))
    return reports
