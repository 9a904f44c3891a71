"""A traced function of the same step is made in every iteration (IMR004)."""

import argparse

import keras
import numpy as np
import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=12)
steps = parser.parse_args().steps

keras.utils.set_random_seed(0)
net = keras.Sequential([keras.Input((32,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])
rows = tf.constant(np.random.default_rng(0).normal(size=(64, 32)).astype("float32"))


def score(x):
    return tf.reduce_mean(tf.square(net(x)))


for step in range(steps):
    traced = tf.function(score)
    print(f"step {step}: {float(traced(rows)):.5f}", flush=True)
