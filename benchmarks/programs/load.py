"""The same model is loaded for every batch (IMR003)."""

import argparse
import os
import tempfile

import keras
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=12)
steps = parser.parse_args().steps

keras.utils.set_random_seed(0)
path = os.path.join(tempfile.mkdtemp(), "net.keras")
layers = [keras.Input((32,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)]
keras.Sequential(layers).save(path)
rows = np.random.default_rng(0).normal(size=(steps, 4, 32)).astype("float32")

for step in range(steps):
    net = keras.models.load_model(path)
    answer = net.predict(rows[step], verbose=0)
    print(f"step {step}: {float(answer.sum()):.6f}", flush=True)
    del net
