"""The values of the dict are replaced by other tensors, or only some by numbers, before the dict is kept."""

import tensorflow as tf
from tensorflow import keras

net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])


def scaled(batches):
    answers = []
    for rows in batches:
        found = {"mean": tf.reduce_mean(net(rows)), "all": net(rows)}
        for key in found:
            found[key] = found[key] * 0.5
        answers.append(found)  # expect: UTR001
    return [answer["mean"].numpy() for answer in answers]


def some(batches):
    answers = []
    for rows in batches:
        found = {"mean": tf.reduce_mean(net(rows)), "all": net(rows)}
        for key in found:
            if key == "mean":
                found[key] = float(found[key])
        answers.append(found)  # expect: UTR001
    return [answer["all"].numpy() for answer in answers]


scaled(tf.data.Dataset.from_tensor_slices(tf.zeros((8, 4))).batch(2))
some(tf.data.Dataset.from_tensor_slices(tf.zeros((8, 4))).batch(2))
