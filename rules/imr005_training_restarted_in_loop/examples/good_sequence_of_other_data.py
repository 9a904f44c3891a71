"""A Sequence for each shard, and one that is made before the loop."""

import keras
import numpy as np


class Batches(keras.utils.PyDataset):
    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x) // 32

    def __getitem__(self, index):
        return self.x[index * 32 : index * 32 + 32], self.y[index * 32 : index * 32 + 32]


def train(model, shards, x, y):
    for shard in shards:
        model.fit(Batches(shard["x"], shard["y"]), verbose=0)
    held = Batches(x, y)
    for _ in range(10):
        model.fit(held, verbose=0)
        model.set_weights([weight * 0.99 for weight in model.get_weights()])


model = keras.Sequential([keras.layers.Dense(1)])
model.compile("adam", "mse")
train(model, [], np.zeros((640, 8)), np.zeros((640, 1)))
