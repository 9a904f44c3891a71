"""Each move of a game asks for one prediction; what makes a move is not called step."""

import numpy as np
from keras.models import load_model

from games import Catch

net = load_model("catch.h5")
game = Catch()
for episode in range(1000):
    screen, over = game.look(), False
    while not over:
        last = screen
        if np.random.rand() < 0.1:
            action = np.random.randint(3)
        else:
            action = np.argmax(net.predict(last)[0])  # expect: IMR006
        screen, reward, over = game.act(action)
        net.train_on_batch(last, np.eye(3)[action][None] * reward)
