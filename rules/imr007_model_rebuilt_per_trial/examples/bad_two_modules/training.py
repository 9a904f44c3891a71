"""What a run of the sweep does."""

import wandb
from tensorflow import keras


def train():
    wandb.init()
    model = keras.Sequential([keras.layers.Dense(wandb.config.width), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit([[0.0], [1.0]], [0.0, 1.0], verbose=0)
