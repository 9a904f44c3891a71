"""Replay predicts the target of each memory before it is trained on."""

import keras
import numpy as np


class Learner:
    def __init__(self):
        self.net = keras.Sequential([keras.layers.Dense(24), keras.layers.Dense(2)])
        self.net.compile("adam", "mse")

    def replay(self, batch):
        for state, action, reward, following, done in batch:
            target = reward
            if not done:
                target = reward + 0.9 * np.amax(self.net.predict(following)[0])  # expect: IMR006
            answer = self.net.predict(state)  # expect: IMR006
            answer[0][action] = target
            self.net.fit(state, answer, epochs=1, verbose=0)
