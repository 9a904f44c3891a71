"""functools.partial keeps its arguments as a closure does."""

import functools

import tensorflow as tf
from tensorflow import keras


def save_attention(weights, path):
    tf.io.write_file(path, tf.io.serialize_tensor(weights))


def evaluate(path, dataset):
    model = keras.models.load_model(path)
    pending = []
    for number, batch in enumerate(dataset):
        attention = tf.nn.softmax(model(batch), axis=-1)
        pending.append(functools.partial(save_attention, attention.numpy(), f"attention_{number}.bin"))
    for save in pending:
        save()
