"""The hidden activations of every batch are kept, whole, until the end."""

import keras
import numpy as np
import tensorflow as tf


def collect(model, dataset, layer_name):
    extractor = keras.Model(model.inputs, model.get_layer(layer_name).output)
    features, labels = [], []
    for images, targets in dataset:
        hidden = extractor(tf.cast(images, tf.float32) / 255.0, training=False)
        features.append(hidden.numpy())
        labels.append(targets.numpy())
    return np.concatenate([f for f in features]), np.concatenate(labels)
