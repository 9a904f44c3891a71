"""The same tensors are sliced, shuffled and batched anew in each epoch."""

import tensorflow as tf


def train(x, y, epochs):
    net = tf.keras.Sequential([tf.keras.Input((8,)), tf.keras.layers.Dense(1)])
    net.compile("adam", "mse")
    for epoch in range(epochs):
        data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(256).batch(32)  # expect: IMR005
        history = net.fit(data, epochs=1, verbose=0)
        net.save(f"epoch-{epoch}-{history.history['loss'][0]:.3f}.keras")
