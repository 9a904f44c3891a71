"""What is noted of a weight is noted when it comes for the first time."""

import tensorflow as tf


class Rates:
    def __init__(self):
        self.known = {}
        self.history = []
        self.scale = None
        self.scales = []

    def note(self, gradient, weight):
        if weight.ref() not in self.known:
            rate = tf.reduce_mean(tf.abs(gradient))
            self.known[weight.ref()] = rate
            self.history.append(rate)
        if self.scale is None:
            self.scale = tf.norm(gradient)
            self.scales.append(self.scale)


def train(net, data, optimizer, rates: Rates):
    for rows, labels in data:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((net(rows) - labels) ** 2)
        gradients = tape.gradient(loss, net.trainable_variables)
        for gradient, weight in zip(gradients, net.trainable_variables):
            rates.note(gradient, weight)
        optimizer.apply_gradients(zip(gradients, net.trainable_variables))
