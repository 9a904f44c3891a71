"""MAML: each task copies the model into a new object of the same class."""

import tensorflow as tf
from tensorflow import keras


class SineModel(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden1 = keras.layers.Dense(40, activation="relu")
        self.hidden2 = keras.layers.Dense(40, activation="relu")
        self.out = keras.layers.Dense(1)

    def call(self, x):
        return self.out(self.hidden2(self.hidden1(x)))


def copy_model(model, x):
    copied = SineModel()
    copied(x)
    copied.set_weights(model.get_weights())
    return copied


def train_maml(model, tasks, optimizer, inner_rate):
    for x, y in tasks:
        with tf.GradientTape() as test_tape:
            with tf.GradientTape() as train_tape:
                train_loss = tf.reduce_mean(tf.square(model(x) - y))
            gradients = train_tape.gradient(train_loss, model.trainable_variables)
            fast = copy_model(model, x)  # expect: IMR001
            for weight, gradient in zip(fast.trainable_variables, gradients):
                weight.assign_sub(inner_rate * gradient)
            test_loss = tf.reduce_mean(tf.square(fast(x) - y))
        optimizer.apply_gradients(zip(test_tape.gradient(test_loss, fast.trainable_variables), model.trainable_variables))
