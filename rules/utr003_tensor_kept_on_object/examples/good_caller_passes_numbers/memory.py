"""Replay memory."""


class Memory:
    def __init__(self):
        self.states, self.probs, self.values = [], [], []

    def store(self, state, probs, value):
        self.states.append(state)
        self.probs.append(probs)
        self.values.append(value)
