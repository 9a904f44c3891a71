"""One model is compiled with the same arguments in every round (IMR004)."""

import argparse

import keras
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=12)
steps = parser.parse_args().steps

keras.utils.set_random_seed(0)
net = keras.Sequential([keras.Input((32,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])
rng = np.random.default_rng(0)
rows = rng.normal(size=(steps, 64, 32)).astype("float32")
targets = rng.normal(size=(steps, 64, 1)).astype("float32")

for step in range(steps):
    net.compile(optimizer="sgd", loss="mse")
    history = net.fit(rows[step], targets[step], batch_size=64, verbose=0)
    print(f"step {step}: {history.history['loss'][0]:.5f}", flush=True)
