"""The loop compiles again and restores checkpoints; the model object stays the same."""

import keras


def average_checkpoints(model, paths, x, y):
    losses = []
    for path in paths:
        model.load_weights(path)
        model.compile(optimizer="adam", loss="mse")
        losses.append(model.evaluate(x, y, verbose=0))
    return losses


def main(x, y, paths):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8), keras.layers.Dense(1)])
    print(average_checkpoints(model, paths, x, y))
