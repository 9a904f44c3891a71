"""The helper returns the epoch's mean loss, which is still a tensor: an int divides a sum of tensors."""

import tensorflow as tf


def run_epoch(model, optimizer, dataset):
    total, batches = 0.0, 0
    for x, y in dataset:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.keras.losses.mse(y, model(x)))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))
        total += loss
        batches += 1
    return total / batches


def train(model, optimizer, dataset, epochs):
    means = []
    for epoch in range(epochs):
        mean = run_epoch(model, optimizer, dataset)
        print(epoch, float(mean))
        means.append(mean)  # expect: UTR001
    return means
