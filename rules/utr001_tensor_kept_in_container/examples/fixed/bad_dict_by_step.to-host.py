"""A dictionary gets a new key in each step."""

import tensorflow as tf


def train(model, optimizer, dataset):
    loss_at, by_label = {}, {}
    for step, (x, y) in enumerate(dataset):
        with tf.GradientTape() as tape:
            loss = tf.keras.losses.MeanAbsoluteError()(y, model(x))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_weights), model.trainable_weights))
        loss_at[step] = float(loss)
        by_label.setdefault(int(tf.reduce_max(y)), []).append(float(loss))
    return loss_at, by_label
