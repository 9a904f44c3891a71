"""Each call of the helper makes a function that keeps this call's gradients."""

import tensorflow as tf


def train_batch(model, optimizer, x, y, summaries):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.keras.losses.mse(y, model(x)))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))

    def summary():
        return float(tf.linalg.global_norm(gradients))

    summaries.append(summary)  # expect: UTR002


def train(model, optimizer, dataset):
    summaries = []
    for x, y in dataset:
        train_batch(model, optimizer, x, y, summaries)
    return [summary() for summary in summaries]
