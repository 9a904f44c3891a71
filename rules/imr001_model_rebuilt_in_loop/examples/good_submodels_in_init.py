"""Blocks built in a loop in __init__ are parts of one model."""

import tensorflow as tf
from tensorflow.keras import layers


class ResidualBlock(tf.keras.Model):
    def __init__(self, filters):
        super().__init__()
        self.conv = layers.Conv2D(filters, 3, padding="same", activation="relu")

    def call(self, inputs):
        return inputs + self.conv(inputs)


class Encoder(tf.keras.Model):
    def __init__(self, depth):
        super().__init__()
        self.blocks = []
        for _ in range(depth):
            self.blocks.append(ResidualBlock(64))
        self.bottlenecks = [tf.keras.Sequential([layers.Dense(16), layers.Dense(64)]) for _ in range(depth)]

    def call(self, inputs):
        x = inputs
        for block, bottleneck in zip(self.blocks, self.bottlenecks):
            x = bottleneck(block(x))
        return x
