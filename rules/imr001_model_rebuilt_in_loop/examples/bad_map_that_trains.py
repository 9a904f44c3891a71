"""map() calls the function once for each width, as a loop would; only scores are kept."""

import keras


def score(width):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(width), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    history = model.fit([[0.0] * 4], [[1.0]], verbose=0)
    return history.history["loss"][-1]


def sweep(widths):
    return list(map(score, widths))  # expect: IMR001
