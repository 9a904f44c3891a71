"""The class that plays; what it plays with is given by those that derive from it."""

import numpy as np


class Player:
    network = None

    def __init__(self, actions):
        self.actions = actions
        self.prepare()

    def prepare(self):
        """Make what chooses."""

    def choose(self, board):
        scores = self.network.predict(board[None], verbose=0)  # expect: IMR006
        return int(np.argmax(scores[0, : self.actions]))
