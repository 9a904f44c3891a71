"""The recorder, in a module that imports no TensorFlow, gets a tensor in each step."""

import tensorflow as tf
from recorder import Recorder


def train(model, dataset, optimizer):
    recorder = Recorder()
    for x, y in dataset:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.keras.losses.mae(y, model(x)))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        recorder.record("loss", loss)
    return recorder.values
