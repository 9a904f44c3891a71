"""Lists of layers, sub-models and variables on an object are the model itself."""

import keras
import tensorflow as tf


class Transformer(keras.Model):
    def __init__(self, depth, width):
        super().__init__()
        self.attention, self.feed_forward, self.positions = [], [], []
        for i in range(depth):
            self.attention.append(keras.layers.MultiHeadAttention(4, width // 4))
            self.feed_forward.append(keras.Sequential([keras.layers.Dense(width, activation="relu")]))
            self.positions.append(tf.Variable(tf.zeros((1, 1, width)), name=f"position_{i}"))

    def call(self, x):
        for attention, feed_forward, position in zip(self.attention, self.feed_forward, self.positions):
            x = x + position
            x = feed_forward(x + attention(x, x))
        return x
