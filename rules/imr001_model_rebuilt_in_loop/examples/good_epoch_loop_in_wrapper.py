"""The wrapper builds its model once, in __init__; the loop calls a method that trains it."""

from keras.layers import Dense
from keras.models import Sequential


class DqnAgent:
    def __init__(self, n_inputs, n_actions):
        self.model = self._build_model(n_inputs, n_actions)

    def _build_model(self, n_inputs, n_actions):
        model = Sequential()
        model.add(Dense(24, input_dim=n_inputs, activation="relu"))
        model.add(Dense(n_actions))
        model.compile(loss="mse", optimizer="adam")
        return model

    def replay(self, batch):
        for state, target in batch:
            self.model.fit(state, target, epochs=1, verbose=0)


def play(env, episodes):
    agent = DqnAgent(4, 2)
    for _ in range(episodes):
        agent.replay(env.sample(32))
