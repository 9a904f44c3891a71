"""The gradients of every step are kept for a histogram."""

import numpy as np
import tensorflow as tf
from tensorflow import keras


def gradient_statistics(model, dataset):
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    all_gradients = []
    for x, y in dataset:
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x))
        gradients = tape.gradient(loss, model.trainable_weights)
        all_gradients.append(gradients)  # expect: UTR001
    norms = [[np.linalg.norm(g) for g in gradients] for gradients in all_gradients]
    return np.mean(norms, axis=0)
