"""Functions given to tf.data or to Keras layers inside a loop over a fixed set of constants."""

import tensorflow as tf


def add_augmentations(dataset):
    for factor in (0.9, 1.1):
        scale = tf.constant(factor)
        dataset = dataset.concatenate(dataset.map(lambda image, scale=scale: image * scale))
    return dataset


def train(model, dataset):
    for images in add_augmentations(dataset).batch(32):
        mean = tf.reduce_mean(images)
        model(tf.map_fn(lambda image: image - mean, images))
