"""Every epoch makes the data set of the same arrays anew (IMR005)."""

import argparse

import keras
import numpy as np
import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=12)
steps = parser.parse_args().steps

keras.utils.set_random_seed(0)
net = keras.Sequential([keras.Input((32,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])
net.compile("sgd", "mse")
rng = np.random.default_rng(0)
rows = rng.normal(size=(256, 32)).astype("float32")
targets = rng.normal(size=(256, 1)).astype("float32")

for step in range(steps):
    data = tf.data.Dataset.from_tensor_slices((rows, targets)).batch(32).prefetch(2)
    history = net.fit(data, epochs=1, verbose=0)
    print(f"step {step}: {history.history['loss'][0]:.5f}", flush=True)
