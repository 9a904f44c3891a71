"""The tensors become a data set: its lists may be in a tuple, or in a dict by name."""

import keras
import tensorflow as tf

encoder = keras.Sequential([keras.layers.Dense(8)])


def encoded(dataset, classes):
    images, labels = [], []
    for example in dataset:
        images.append(encoder(tf.cast(example["image"], tf.float32)))
        labels.append(tf.one_hot(example["label"], classes))
    return tf.data.Dataset.from_tensor_slices({"image": images, "label": labels})


def encoded_by_keyword(dataset, classes):
    images, labels = [], []
    for example in dataset:
        images.append(encoder(tf.cast(example["image"], tf.float32)))
        labels.append(tf.one_hot(example["label"], classes))
    return tf.data.Dataset.from_tensor_slices(dict(image=images, label=labels))


def encoded_pairs(dataset, classes):
    images, labels = [], []
    for example in dataset:
        images.append(encoder(tf.cast(example["image"], tf.float32)))
        labels.append(tf.one_hot(example["label"], classes))
    return tf.data.Dataset.from_tensor_slices((images, labels))
