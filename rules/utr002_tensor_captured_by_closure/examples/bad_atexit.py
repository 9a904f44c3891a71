"""atexit keeps every function that it is given until the program ends."""

import atexit
from functools import partial

import numpy as np
import tensorflow as tf


def main(model, dataset):
    for step, (x, y) in enumerate(dataset):
        residual = model(x) - tf.cast(y, tf.float32)
        atexit.register(partial(np.save, f"residual_{step}.npy", residual))  # expect: UTR002
        print(step, float(tf.reduce_mean(residual)))
