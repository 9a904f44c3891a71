"""keras-team/keras#3071: values of actions, one state after the other, in a class that plays."""

import numpy as np
from keras.layers import Dense
from keras.models import Sequential


class Player:
    def __init__(self, env):
        self.env = env
        self.brain = Sequential([Dense(32, activation="relu", input_shape=(4,)), Dense(2)])
        self.brain.compile("sgd", "mse")

    def play(self):
        state = self.env.reset()
        total = 0
        for _ in range(100000):
            values = self.brain.predict(state.reshape(1, -1))  # expect: IMR006
            state, reward, done, _ = self.env.step(int(np.argmax(values)))
            total += reward
            if done:
                state = self.env.reset()
        return total
