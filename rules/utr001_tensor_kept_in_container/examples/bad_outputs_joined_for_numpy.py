"""The outputs of all batches are joined at the end, and only an array is made of the result."""

import numpy as np
import tensorflow as tf


def probabilities(model, dataset):
    outputs = []
    for batch, _ in dataset:
        outputs.append(model(batch, training=False))  # expect: UTR001
    return tf.concat(outputs, axis=0).numpy()


def labels(path, dataset):
    model = tf.keras.models.load_model(path)
    logits = []
    for batch in dataset:
        logits.append(model(batch))  # expect: UTR001
    joined = tf.concat(logits, 0)
    scores = tf.nn.softmax(joined)
    return np.argmax(scores, axis=-1), np.max(scores, axis=-1)


def prototypes(path, dataset):
    model = tf.keras.models.load_model(path)
    found = []
    for batch in dataset:
        found.append(model(batch))  # expect: UTR001
    found = tf.concat(found, axis=0)
    found = tf.transpose(found, perm=[1, 0])
    return found.numpy()
