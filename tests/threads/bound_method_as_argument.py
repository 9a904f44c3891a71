"""tensorflow/tensorflow#31175: the step is handed to a traced epoch as a bound method, new at each access."""

import tensorflow as tf


class Regressor:
    def __init__(self):
        self.model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        self.optimizer = tf.keras.optimizers.SGD(0.1)

    def step(self, x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self.model(x) - y) ** 2)
        gradients = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.model.trainable_variables))
        return loss


@tf.function
def epoch(step, data):
    for x, y in data:
        step(x, y)


def train(data, epochs):
    regressor = Regressor()
    for _ in range(epochs):
        epoch(regressor.step, data)  # expect: IMR004
