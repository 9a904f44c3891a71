"""Sub-models added to one Sequential in a loop are its parts."""

import keras


class Block(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.dense = keras.layers.Dense(units, activation="relu")
        self.norm = keras.layers.BatchNormalization()

    def call(self, inputs):
        return self.norm(self.dense(inputs))


def build_tower(widths):
    tower = keras.Sequential()
    for width in widths:
        tower.add(Block(width))
    tower.add(keras.layers.Dense(1))
    return tower
