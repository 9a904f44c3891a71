"""Each word of the command line asks for something else, and one of them for a model."""

import sys

import keras
from data import x, y


def train(rate):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse")
    model.fit(x, y)


rate = 0.1
for word in sys.argv[1:]:
    if word.startswith("rate="):
        rate = float(word.split("=")[1])
    elif word == "train":
        train(rate)

for position in range(1, len(sys.argv)):
    if sys.argv[position] == "again":
        train(rate)
