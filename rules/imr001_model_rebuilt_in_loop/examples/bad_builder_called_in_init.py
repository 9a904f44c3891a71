"""The constructor of a plain class calls its own builder method."""

import keras
from keras import layers, models


class Agent:
    def __init__(self, n_states, n_actions):
        self.n_states = n_states
        self.n_actions = n_actions
        self.q_network = self.create_network()

    def create_network(self):
        net = models.Sequential()
        net.add(layers.Dense(24, input_dim=self.n_states, activation="relu"))
        net.add(layers.Dense(self.n_actions, activation="linear"))
        net.compile(loss="mse", optimizer=keras.optimizers.Adam(0.001))
        return net


def compare_seeds(env, run, n_seeds):
    returns = []
    for seed in range(n_seeds):
        env.reset(seed=seed)
        agent = Agent(env.n_states, env.n_actions)  # expect: IMR001
        returns.append(run(agent, env))
    return returns
