"""All models are kept, and only the best one is used."""

import keras
import numpy as np


def build():
    model = keras.Sequential([keras.layers.Dense(32), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def restarts(x, y, count):
    models, losses = [], []
    for _ in range(count):
        model = build()
        model.fit(x, y, verbose=0)
        losses.append(model.evaluate(x, y, verbose=0))
        models.append(model)  # expect: UTR006
    best = models[int(np.argmin(losses))]
    best.save("best.keras")
