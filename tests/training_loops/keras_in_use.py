"""What the training loops share: the Keras that KERAS_IN_USE names, and a loss that counts its traces."""

import os

import numpy as np

if os.environ.get("KERAS_IN_USE") == "tf_keras":
    import tf_keras as keras
else:
    import keras
import tensorflow as tf

layers = keras.layers
traces = 0


def traced(y, predicted):
    """The mean squared error; Python runs it only while TensorFlow traces."""
    global traces
    traces += 1
    return tf.reduce_mean(tf.square(tf.reshape(y, [-1]) - tf.reshape(predicted, [-1])))


def report(iteration, *numbers):
    values = [float(value) for group in numbers for value in np.ravel(group)]
    print(iteration, " ".join(map(repr, values)), "traces", traces, flush=True)
