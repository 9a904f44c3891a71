"""A counter and a rate that falls are numbers of Python."""

import tensorflow as tf


class Trainer:
    def __init__(self, net, optimizer):
        self.net = net
        self.optimizer = optimizer
        self.updates = 0

    @tf.function
    def update(self, x, y, rate, number):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self.net(x) - y) ** 2) * rate
        gradients = tape.gradient(loss, self.net.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.net.trainable_variables))
        return loss

    def train(self, batches):
        rate = 1.0
        for x, y in batches:
            self.update(x, y, tf.constant(rate), tf.constant(1))
            rate *= 0.99

    def train_and_count(self, batches):
        for x, y in batches:
            self.updates += 1
            self.update(x, y, tf.constant(1.0), tf.constant(self.updates))
