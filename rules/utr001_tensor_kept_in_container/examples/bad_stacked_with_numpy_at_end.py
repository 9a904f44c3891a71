"""NumPy converts the whole list after the loop; until then every tensor is alive."""

import numpy as np
import tensorflow as tf


def evaluate(model, dataset):
    loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    per_example = []
    for x, y in dataset:
        per_example.append(loss_fn(y, model(x, training=False)))  # expect: UTR001
    return np.concatenate(per_example).mean()
