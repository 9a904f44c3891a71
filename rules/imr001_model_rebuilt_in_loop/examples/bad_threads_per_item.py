"""A pool of threads calls the function for each item, in one process: nothing is released."""

import concurrent.futures

from tensorflow import keras


def evaluate(units):
    net = keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(1)])
    net.compile("adam", "mse")
    return net.fit([[1.0]], [1.0], verbose=0).history["loss"][-1]


def search(grid):
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(evaluate, grid))  # expect: IMR001
