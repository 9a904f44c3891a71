"""Large chunks of what does not fit into memory."""

import keras
import numpy as np


def main(path, rows):
    model = keras.models.load_model("model.keras")
    x = np.memmap(path, shape=(rows, 64))
    for start in range(0, rows, 100_000):
        np.save(f"{start}.npy", model.predict(x[start : start + 100_000], batch_size=4096))
