"""The order, or the augmentation, depends on the epoch."""

import tensorflow as tf


def train(x, y, epochs, turn):
    net = tf.keras.Sequential([tf.keras.Input((8,)), tf.keras.layers.Dense(1)])
    net.compile("adam", "mse")
    for epoch in range(epochs):
        data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(256, seed=epoch).batch(32)
        net.fit(data, epochs=1, verbose=0)
        turned = tf.data.Dataset.from_tensor_slices((x, y)).map(lambda a, b: (turn(a, epoch), b)).batch(32)
        net.fit(turned, epochs=1, verbose=0)
