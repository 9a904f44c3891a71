"""Each seed has a process of its own, which clears before it ends."""

from multiprocessing import Process

import keras
from data import x, y


def train(seed):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.layers.Dense(16), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(x, y)
    keras.backend.clear_session()


if __name__ == "__main__":
    for number in range(20):
        process = Process(target=train, args=(number,))
        process.start()
        process.join()
