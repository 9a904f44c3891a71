"""Each step of the training predicts the batch that it trains on."""

import keras
import numpy as np


def train(steps, batch):
    generator, critic = keras.models.load_model("generator.keras"), keras.models.load_model("critic.keras")
    critic.compile("adam", "mse")
    for _ in range(steps):
        fakes = generator.predict(np.random.normal(size=(batch, 100)))  # expect: IMR006
        critic.train_on_batch(fakes, np.zeros((batch, 1)))
