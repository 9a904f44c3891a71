"""tf.py_function calls the list's append with an eager tensor in each step."""

import tensorflow as tf


def main(steps):
    losses = []
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    optimizer = tf.keras.optimizers.SGD(0.1)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(x) - y))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        tf.py_function(losses.append, [loss], [])  # expect: UTR001

    for _ in range(steps):
        batch = tf.random.normal((16, 3))
        step(batch, tf.reduce_sum(batch, axis=1, keepdims=True))
    return losses
