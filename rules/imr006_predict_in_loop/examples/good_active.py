"""Active learning scores the pool after each training, in methods."""

import keras
import numpy as np


class Active:
    def __init__(self, x, y, pool):
        self.x, self.y, self.pool = x, y, pool
        self.model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
        self.model.compile("adam", "mse")

    def teach(self):
        self.model.fit(self.x, self.y, epochs=5)

    def score(self):
        return self.model.predict(self.pool)

    def run(self, rounds, oracle):
        for _ in range(rounds):
            self.teach()
            best = np.argsort(self.score()[:, 0])[-100:]
            self.x = np.concatenate([self.x, self.pool[best]])
            self.y = np.concatenate([self.y, oracle(self.pool[best])])
            self.pool = np.delete(self.pool, best, axis=0)
