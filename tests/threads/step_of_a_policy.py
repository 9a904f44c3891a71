"""Grid2op/l2rpn-baselines#21: the movement of each step is predicted by a method of a base class."""

import numpy as np
from tensorflow import keras


class BaseDeepQ:
    def __init__(self, actions):
        self._actions = actions
        self._model = None
        self.construct()

    def construct(self):
        raise NotImplementedError

    def predict_movement(self, data, epsilon):
        values = self._model.predict(data[np.newaxis], batch_size=1)  # expect: IMR006
        if np.random.rand() < epsilon:
            return np.random.randint(self._actions)
        return int(np.argmax(values[0]))


class DeepQ(BaseDeepQ):
    def construct(self):
        self._model = keras.Sequential([keras.layers.Dense(128), keras.layers.Dense(self._actions)])
        self._model.compile("adam", "mse")


def play(env, episodes):
    agent = DeepQ(8)
    for _ in range(episodes):
        state, done = env.reset(), False
        while not done:
            state, reward, done, _ = env.step(agent.predict_movement(state, 0.05))
