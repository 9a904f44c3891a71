"""The name is bound to a NumPy value before the append."""

import numpy as np
import tensorflow as tf


def train(model, steps, x, y):
    history, norms, medians = [], [], []
    for _ in range(steps):
        loss, gradient = model.train(x, y)
        loss, gradient = loss.numpy(), tf.norm(gradient).numpy()
        history.append(loss)
        norms.append(gradient)
        output = tf.sort(model(x), axis=0)
        output = np.median(output)
        medians.append(output)
    return history, norms, medians
