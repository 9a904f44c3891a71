"""`+=` with a list, extend, insert and appendleft grow a container as append does."""

from collections import deque

import tensorflow as tf


def monitor(model, dataset, steps):
    losses, norms, latest, recent = [], [], [], deque()
    batches = iter(dataset)
    while steps > 0:
        x, y = next(batches)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(x) - y))
        grads = tape.gradient(loss, model.trainable_variables)
        losses += [loss]  # expect: UTR001
        norms.extend([tf.norm(g) for g in grads])  # expect: UTR001
        latest.insert(0, loss)  # expect: UTR001
        recent.appendleft(tf.linalg.global_norm(grads))  # expect: UTR001
        steps -= 1
    return losses, norms, latest, recent
