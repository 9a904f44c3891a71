"""The backend of Keras in graph mode: a similarity is a new operation for each pair."""

import tensorflow.compat.v1 as tf
from tensorflow.compat.v1.keras import backend as K

tf.disable_eager_execution()


def similarity(first, second):
    return K.eval(K.sum(K.variable(first) * K.variable(second)))


def matrix(rows):
    return [[similarity(one, other) for other in rows] for one in rows]  # expect: RES002
