"""A loss object of Keras returns a tensor."""

import keras
import tensorflow as tf

loss_fn = keras.losses.MeanSquaredError()
optimizer = keras.optimizers.SGD(1e-2)
model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])

history = []
for step in range(10_000):
    x = tf.random.uniform((32, 2))
    with tf.GradientTape() as tape:
        value = loss_fn(tf.reduce_sum(x, axis=1, keepdims=True), model(x))
    optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
    history.append(value)  # expect: UTR001
    if step % 1000 == 0:
        print(step, float(value))
