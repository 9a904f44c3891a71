"""Batches of a data set are large, or as large as the caller says."""

import keras
import tensorflow as tf


def scores(path, rows, size):
    net = keras.models.load_model(path)
    data = tf.data.Dataset.from_tensor_slices(rows).batch(256)
    again = tf.data.Dataset.from_tensor_slices(rows).batch(size)
    result = []
    for image, label in data:
        result.append((net.predict(image), label.numpy()))
    for image in again:
        result.append((net.predict(image), None))
    return result
