"""Layers with random state of their own, and a seed set anew in each iteration."""

import numpy as np
from keras_in_use import keras, report, traced

rng = np.random.default_rng(0)
x = rng.normal(size=(48, 8)).astype("float32")
y = x[:, 0]


def build():
    keras.utils.set_random_seed(11)
    model = keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.GaussianNoise(0.1),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(0.4),
            keras.layers.Dense(1),
        ]
    )
    model.compile("adam", traced)
    return model


for repeat in range(3):
    model = build()
    losses = model.fit(x, y, epochs=2, batch_size=16, verbose=0).history["loss"]
    report(repeat, losses, model.evaluate(x, y, verbose=0))
    del model
