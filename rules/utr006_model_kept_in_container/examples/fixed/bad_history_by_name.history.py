"""A History is bound to a name first, and stored under a key."""

from tensorflow import keras


def build(units):
    model = keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def compare(x, y, widths):
    runs = {}
    for width in widths:
        network = build(width)
        result = network.fit(x, y, epochs=5, verbose=0)
        runs[width] = result.history
        keras.backend.clear_session()
    return {width: min(run["loss"]) for width, run in runs.items()}
