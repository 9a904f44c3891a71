"""The forward pass of a model keeps its activations on the object; who runs it calls the model."""

import tensorflow as tf


class Probed(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.encoder = tf.keras.layers.Dense(256)
        self.head = tf.keras.layers.Dense(1)
        self.seen = {"hidden": []}

    def call(self, inputs, training=False):
        hidden = self.encoder(inputs)
        self.seen["hidden"].append({"hidden": hidden, "training": training})  # expect: UTR003
        return self.head(hidden)


def train(dataset, epochs):
    model = Probed()
    optimizer = tf.keras.optimizers.Adam()
    for _ in range(epochs):
        for inputs, targets in dataset:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((model(inputs, training=True) - targets) ** 2)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))
