"""The tape is a local name of the step: it goes when the function returns."""

import tensorflow as tf


class CycleGan:
    def __init__(self, generators, optimizers):
        self.generators = generators
        self.optimizers = optimizers

    @tf.function
    def train_step(self, real_x, real_y):
        with tf.GradientTape(persistent=True) as tape:
            loss_g = tf.reduce_mean(tf.abs(self.generators[0](real_x) - real_y))
            loss_f = tf.reduce_mean(tf.abs(self.generators[1](real_y) - real_x))
        for loss, model, optimizer in zip((loss_g, loss_f), self.generators, self.optimizers):
            optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        return loss_g + loss_f


def train(gan, pairs, epochs):
    for _ in range(epochs):
        for real_x, real_y in pairs:
            gan.train_step(real_x, real_y)
