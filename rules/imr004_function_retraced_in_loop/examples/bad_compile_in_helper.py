"""A helper compiles the model that it is passed, and a loop passes the same one each time."""

import keras


def train(model, x, y):
    model.compile("adam", "mse")
    return model.fit(x, y, verbose=0).history["loss"][-1]


def rounds(shards):
    model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
    losses = []
    for x, y in shards:
        losses.append(train(model, x, y))  # expect: IMR004
    return losses
