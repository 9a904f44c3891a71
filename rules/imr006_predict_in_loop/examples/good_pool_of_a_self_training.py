"""What a model is sure of becomes data of its next training: each prediction is of a whole pool."""

import keras
import numpy as np


def teach(x, y, pool, rounds):
    model = keras.models.load_model("model.keras")
    model.compile("adam", "mse")
    for _ in range(rounds):
        model.fit(x, y)
        guess = model.predict(pool)
        sure = guess.max(axis=1) > 0.9
        x, y = np.concatenate([x, pool[sure]]), np.concatenate([y, guess[sure]])
        pool = pool[~sure]
