"""Each step's persistent tape goes into a list, with every intermediate it recorded."""

import tensorflow as tf


def train(model, dataset, optimizer):
    tapes = []
    for step, (x, y) in enumerate(dataset):
        with tf.GradientTape(persistent=True) as tape:
            hidden = model.encoder(x)
            loss = tf.reduce_mean(tf.square(model.head(hidden) - y))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))
        tapes.append((step, tape))  # expect: UTR004
    return tapes
