"""The forward pass of a model begins its list anew; another one collects in a list of its own."""

import tensorflow as tf


class Skipping(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.blocks = [tf.keras.layers.Dense(64) for _ in range(4)]

    def call(self, inputs):
        self.skips = []
        for block in self.blocks:
            inputs = block(inputs)
            self.skips.append(inputs)
        outputs = []
        for skip in self.skips:
            outputs.append(tf.nn.relu(skip))
        return tf.concat(outputs, axis=-1)


def train(dataset):
    model = Skipping()
    optimizer = tf.keras.optimizers.Adam()
    for inputs, targets in dataset:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(inputs) - targets) ** 2)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
