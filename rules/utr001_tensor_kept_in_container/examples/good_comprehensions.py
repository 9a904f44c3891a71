"""Comprehensions over what is there already, over a few parts, and of data on its way."""

import numpy as np
import tensorflow as tf


def labels(dataset):
    return np.concatenate([label for _, label in dataset])


def least(critics, state, action):
    return tf.reduce_min([critic(tf.concat([state, action], 1), training=True) for critic in critics], axis=0)


def logs_of(metrics):
    return {metric.name: metric.result() for metric in metrics}


def numbers(model, dataset):
    return [float(tf.reduce_mean(model(batch, training=False))) for batch in dataset]


def arrays(path, dataset):
    model = tf.keras.models.load_model(path)
    return [model(batch, training=False).numpy() for batch in dataset]


def joined(path, dataset):
    model = tf.keras.models.load_model(path)
    return tf.concat([model(batch, training=False) for batch in dataset], axis=0)


def clipped(tape, loss, model):
    return [tf.clip_by_norm(grad, 1.0) for grad in tape.gradient(loss, model.trainable_variables)]


def per_epoch(path, dataset, epochs):
    model = tf.keras.models.load_model(path)
    for _ in range(epochs):
        outputs = [model(batch, training=False) for batch in dataset]
        print(len(outputs), float(tf.reduce_mean(outputs[0])))


class Heads(tf.keras.Model):
    def __init__(self, count):
        super().__init__()
        self.parts = [tf.keras.layers.Dense(1) for _ in range(count)]

    def call(self, inputs):
        return [part(inputs) for part in self.parts]
