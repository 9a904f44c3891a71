"""The number of the step is a Python number for a traced step of a training (IMR004)."""

import argparse

import keras
import numpy as np
import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=12)
steps = parser.parse_args().steps

keras.utils.set_random_seed(0)
net = keras.Sequential([keras.Input((32,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD(0.01)
rng = np.random.default_rng(0)
rows = tf.constant(rng.normal(size=(64, 32)).astype("float32"))
targets = tf.constant(rng.normal(size=(64, 1)).astype("float32"))


@tf.function
def train_step(x, y, number):
    with tf.GradientTape() as tape:
        weight = 1.0 / (1.0 + tf.cast(number, tf.float32))
        loss = weight * tf.reduce_mean(tf.square(net(x, training=True) - y))
    gradients = tape.gradient(loss, net.trainable_variables)
    optimizer.apply_gradients(zip(gradients, net.trainable_variables, strict=True))
    return loss


for step in range(steps):
    loss = train_step(rows, targets, step)
    print(f"step {step}: {float(loss):.5f}", flush=True)
