"""An agent learns in every fourth step; it predicts one row after the other there."""

import keras
import numpy as np


class Agent:
    def __init__(self):
        self.net = keras.models.load_model("agent.keras")
        self.memory = []

    def replay(self):
        target = self.net.predict(np.array([self.memory[-1]]))  # expect: IMR006
        self.net.train_on_batch(np.array([self.memory[-1]]), target)


def play(env, agent):
    state, step, done = env.reset(), 0, False
    while not done:
        state, reward, done, info = env.step(env.action_space.sample())
        agent.memory.append(state)
        step += 1
        if step % 4 == 0:
            agent.replay()
