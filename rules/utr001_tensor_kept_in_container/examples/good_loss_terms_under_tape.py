"""The terms of a loss are collected and summed inside the tape of the step."""

import tensorflow as tf


def train(model, optimizer, tasks, steps):
    for _ in range(steps):
        with tf.GradientTape() as tape:
            task_losses = []
            for x, y in tasks:
                task_losses.append(tf.reduce_mean(tf.square(model(x) - y)))
            penalty = []
            for variable in model.trainable_variables:
                penalty.append(tf.nn.l2_loss(variable))
            loss = tf.reduce_mean(task_losses) + 1e-4 * tf.add_n(penalty)
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
