"""The output of a layer is kept for each step; at the end one number of each is asked for."""

import keras
import numpy as np
from keras import ops


def train(batches):
    first = keras.layers.Dense(4096, activation="relu")
    model = keras.Sequential([first, keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    losses, observed = [], []
    for x, y in batches:
        losses.append(model.train_on_batch(x, y))
        # How far each unit is from what all do.
        hidden = first(x)
        observed.append(float(ops.mean(ops.abs(hidden - ops.mean(hidden, axis=0)))))
    print(f"loss {np.mean(losses):.4f} after {len(observed)} steps")
    return observed
