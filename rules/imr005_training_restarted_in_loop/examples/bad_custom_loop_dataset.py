"""A loop that trains step by step goes through a data set of its own in each epoch."""

import tensorflow as tf


def train(x, y, epochs):
    model = tf.keras.Sequential([tf.keras.Input((8,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    for _ in range(epochs):
        batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(32)  # expect: IMR005
        for inputs, targets in batches:
            model.train_on_batch(inputs, targets)
