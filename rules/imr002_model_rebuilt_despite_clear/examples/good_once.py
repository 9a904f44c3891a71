"""A model that is built where there is none."""

import keras
from data import batches

model = None
for x, y in batches():
    if model is None:
        keras.backend.clear_session()
        model = keras.Sequential([keras.layers.Dense(16), keras.layers.Dense(1)])
        model.compile("adam", "mse")
    model.train_on_batch(x, y)
