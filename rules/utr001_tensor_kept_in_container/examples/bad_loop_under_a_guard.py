"""The first call trains, in a loop that keeps every loss."""

import tensorflow as tf

net = None


def first_losses(data, optimizer):
    global net
    losses = []
    if net is None:
        net = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        for rows, labels in data:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((net(rows) - labels) ** 2)
            optimizer.apply_gradients(
                zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables)
            )
            losses.append(loss)  # expect: UTR001
    return losses
