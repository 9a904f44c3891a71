"""keras-team/keras#16947: a Sequence on the same data is made for each fit() of one epoch."""

import numpy as np
from tensorflow import keras

x, y = np.random.rand(4096, 64), np.random.rand(4096, 1)


class Rows(keras.utils.Sequence):
    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x) // 32

    def __getitem__(self, number):
        part = slice(number * 32, number * 32 + 32)
        return self.x[part], self.y[part]


model = keras.Sequential([keras.layers.Dense(1)])
model.compile("adam", "mse")
for number in range(1000):
    model.fit(Rows(x, y), epochs=1, verbose=0)  # expect: IMR005
