"""A tape that is not persistent lets go of what it recorded with its first gradient."""

import tensorflow as tf


class Trainer:
    def __init__(self, model):
        self.model = model
        self.tape = None

    def step(self, x, y):
        with tf.GradientTape() as self.tape:
            loss = tf.reduce_mean(tf.square(self.model(x) - y))
        return self.tape.gradient(loss, self.model.trainable_variables)


def jacobians(model, points):
    result = []
    for x in points:
        with tf.GradientTape(persistent=False) as tape:
            tape.watch(x)
            y = model(x)
        result.append(tape.jacobian(y, x).numpy())
    return result
