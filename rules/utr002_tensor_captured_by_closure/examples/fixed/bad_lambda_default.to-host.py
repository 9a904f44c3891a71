"""A default argument holds the step's activations; the lambda goes into a list."""

import tensorflow as tf


def train(model, encoder, dataset, optimizer):
    reports = []
    for step, (x, y) in enumerate(dataset):
        with tf.GradientTape() as tape:
            hidden = encoder(x, training=True)
            loss = tf.reduce_mean(tf.square(model(hidden) - y))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        if step % 10 == 0:
            reports.append(lambda step=step, hidden=hidden.numpy(): print(step, tf.reduce_mean(hidden)))
    for report in reports:
        report()
