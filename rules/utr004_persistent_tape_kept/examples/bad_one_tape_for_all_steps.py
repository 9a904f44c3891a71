"""One persistent tape is entered again in every iteration and records all of them."""

import tensorflow as tf


def train(model, dataset, optimizer):
    tape = tf.GradientTape(persistent=True)
    for x, y in dataset:
        with tape:  # expect: UTR004
            loss = tf.reduce_mean(tf.square(model(x) - y))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))
