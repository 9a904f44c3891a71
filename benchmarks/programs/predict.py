"""One row after the other is predicted (IMR006)."""

import argparse

import keras
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=12)
steps = parser.parse_args().steps

keras.utils.set_random_seed(0)
net = keras.Sequential([keras.Input((32,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(4)])
rows = np.random.default_rng(0).normal(size=(steps, 32)).astype("float32")

for step in range(steps):
    answer = np.argmax(net.predict(rows[step : step + 1], verbose=0))
    print(f"step {step}: {answer}", flush=True)
