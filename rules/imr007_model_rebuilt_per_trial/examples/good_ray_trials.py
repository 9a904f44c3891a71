"""Ray runs each trial in a process of its own."""

import keras
from ray import tune


def trainable(config):
    model = keras.Sequential([keras.layers.Dense(config["width"]), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return {"loss": model.fit([[0.0], [1.0]], [0.0, 1.0], verbose=0).history["loss"][-1]}


tune.Tuner(trainable, param_space={"width": tune.choice([4, 8, 16])}).fit()
