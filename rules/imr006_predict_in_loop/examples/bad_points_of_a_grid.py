"""A picture of a grid is drawn now and then; each of its points is a call."""

import keras
import numpy as np


def train(vae, batches):
    decoder = keras.models.load_model("decoder.keras")
    for step, x in enumerate(batches):
        vae.train_on_batch(x, x)
        if step % 500 == 0:
            canvas = np.zeros((15, 15, 20, 20))
            for i, a in enumerate(np.linspace(-2, 2, 15)):
                for j, b in enumerate(np.linspace(-2, 2, 15)):
                    canvas[i, j] = decoder.predict(np.array([[a, b]]))[0]  # expect: IMR006
