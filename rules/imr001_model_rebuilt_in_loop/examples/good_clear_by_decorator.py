"""A decorator of the project clears after each call of the decorated function."""

import functools

import keras


def clears_session(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        finally:
            keras.backend.clear_session()

    return wrapper


@clears_session
def train(units, x, y):
    model = keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model.fit(x, y, verbose=0).history["loss"][-1]


def search(x, y):
    return min((train(units, x, y), units) for units in range(8, 65, 8))
