"""Blocks of one model are made in a loop, after a clear."""

import keras

keras.backend.clear_session()
blocks = []
for width in (64, 32, 16):
    blocks.append(keras.Sequential([keras.layers.Dense(width), keras.layers.ReLU()]))
model = keras.Sequential(blocks)
