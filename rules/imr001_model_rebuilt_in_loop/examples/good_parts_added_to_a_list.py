"""Parts of one model, collected with += and with extend."""

import keras


class Stack(keras.Model):
    def __init__(self, depth):
        super().__init__()
        self.parts = []
        for _ in range(depth):
            self.parts += [keras.Sequential([keras.layers.Dense(8)])]


def blocks(depth):
    made = []
    for _ in range(depth):
        made += [keras.Sequential([keras.layers.Dense(8)])]
    return made


def stack(depth):
    made = [keras.Sequential([keras.layers.Dense(8)])]
    for _ in range(depth):
        made.extend([keras.Sequential([keras.layers.Dense(8)]), keras.layers.ReLU()])
    return keras.Sequential(made)
