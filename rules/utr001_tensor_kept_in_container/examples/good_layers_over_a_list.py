"""Heads are put on a body, one for each task: the structure of a model, not data."""

from tensorflow import keras


def build(tasks):
    inputs = keras.Input((32,))
    body = keras.layers.Dense(64, activation="relu")(inputs)
    outputs = []
    for task in tasks:
        outputs.append(keras.layers.Dense(task.classes, name=task.name)(body))
    return keras.Model(inputs, outputs)
