"""What trains clears first; that it stands in a try block changes nothing."""

import keras


def fit(model, x, y):
    keras.backend.clear_session()
    return model.fit(x, y).history["loss"][-1]


def search(sizes, x, y):
    scores = {}
    for size in sizes:
        model = keras.Sequential([keras.layers.Dense(size), keras.layers.Dense(1)])
        try:
            model.compile("adam", "mse")
            scores[size] = fit(model, x, y)
        except (ValueError, MemoryError):
            scores[size] = None
    return scores
