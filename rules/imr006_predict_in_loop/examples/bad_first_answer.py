"""Only the first answer of each prediction is used: a game asks for one position."""

import keras
import numpy as np


def play(game, turns):
    network = keras.models.load_model("game.keras")
    for _ in range(turns):
        odds = network.predict(game.position(), verbose=0)  # expect: IMR006
        game.move(np.argmax(odds))
