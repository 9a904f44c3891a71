"""The base class declares the list; only the other subclass puts tensors into it, and empties it."""

import tensorflow as tf


class Meter:
    def __init__(self):
        self.values = []


class Plain(Meter):
    def update(self, batch):
        self.values.append(len(batch) / 100)


class Norms(Meter):
    def update(self, batch):
        self.values.append(tf.norm(batch))
        self.values = self.values[-10:]


def train(model, data, loss, optimizer):
    meters = [Plain(), Norms()]
    plain = Plain()
    for x, y in data:
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(loss(y, model(x)))
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        plain.update(x)
        for meter in meters:
            meter.update(x)
