"""A sample is drawn once in a thousand steps of the training."""

import keras
import numpy as np


def train(generator, batches, width):
    model = keras.models.load_model(generator)
    for step, (x, y) in enumerate(batches):
        model.train_on_batch(x, y)
        if step % 1000 == 0:
            print(step, model.predict(np.random.normal(size=(1, width)))[0])
