"""Each move of a game is predicted by a method of a base class, with the network of a subclass."""

import keras
from base import Player


class Dense(Player):
    def prepare(self):
        self.network = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(self.actions)])


def tournament(games):
    player = Dense(9)
    for game in games:
        while not game.over():
            game.play(player.choose(game.board()))
