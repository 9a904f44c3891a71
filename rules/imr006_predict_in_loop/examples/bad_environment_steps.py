"""Each step of an environment asks for targets of a few remembered steps, in a helper of the learner."""

import random

import keras
import numpy as np


class Learner:
    def __init__(self, inputs, actions):
        self.network = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(actions)])
        self.network.compile("adam", "mse")
        self.memory = []

    def learn(self, size=32):
        states, targets = map(np.array, zip(*random.sample(self.memory, size), strict=True))
        now = self.network.predict(states, verbose=0)  # expect: IMR006
        self.network.train_on_batch(states, now + targets)


def train(env, episodes):
    learner = Learner(4, 2)
    for _ in range(episodes):
        state, done = env.reset(), False
        while not done:
            following, reward, done, _ = env.step(random.randrange(2))
            learner.memory.append((state, reward))
            learner.learn()
            state = following
