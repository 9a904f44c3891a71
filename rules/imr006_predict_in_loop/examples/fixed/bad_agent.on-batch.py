"""An agent asks its network in every step of an episode."""

import numpy as np
from tensorflow.keras import layers, models


class Agent:
    def __init__(self, states, actions):
        self.actions = actions
        self.model = self.build(states)

    def build(self, states):
        model = models.Sequential([layers.Input((states,)), layers.Dense(24), layers.Dense(self.actions)])
        model.compile("adam", "mse")
        return model

    def act(self, state):
        if np.random.rand() < 0.1:
            return np.random.randint(self.actions)
        return int(np.argmax(self.model.predict_on_batch(state[None])[0]))

    def learn(self, states, targets):
        self.model.fit(states, targets, epochs=1, verbose=0)


def play(env):
    agent = Agent(4, 2)
    state, done, states, targets = env.reset(), False, [], []
    while not done:
        action = agent.act(state)
        state, target, done = env.step(action)
        states.append(state)
        targets.append(target)
        agent.learn(np.array(states), np.array(targets))
