"""The History of each fold, which holds its model, is kept for a plot (UTR006)."""

import argparse

import keras
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=12)
steps = parser.parse_args().steps

rng = np.random.default_rng(0)
rows = rng.normal(size=(64, 128)).astype("float32")
targets = rng.normal(size=(64, 1)).astype("float32")


def build():
    layers = [keras.Input((128,)), keras.layers.Dense(2048, activation="relu"), keras.layers.Dense(256)]
    net = keras.Sequential([*layers, keras.layers.Dense(1)])
    net.compile("adam", "mse")
    return net


histories = []
for step in range(steps):
    keras.backend.clear_session()
    keras.utils.set_random_seed(step)
    net = build()
    history = net.fit(rows, targets, verbose=0)
    histories.append(history)
    print(f"step {step}", flush=True)
for kept in histories:
    print(f"{kept.history['loss'][0]:.5f}")
