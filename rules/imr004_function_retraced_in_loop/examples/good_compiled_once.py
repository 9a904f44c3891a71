"""Each method of an object compiles what it has just built, or the loop is around what follows."""

import re

from tensorflow import keras


class Critic:
    def __init__(self):
        self.net = keras.Sequential([keras.layers.Dense(1)])
        self.net.compile("adam", "mse")

    def learn(self, x, y):
        self.net.train_on_batch(x, y)


def run(batches, lines):
    critic = Critic()
    for x, y in batches:
        critic.learn(x, y)
    for line in lines:
        print(re.compile("a+").match(line))
