"""A thread for each training, waited for, and tasks of joblib in threads: one process, and nothing released."""

import threading

import keras
from joblib import Parallel, delayed


def train(rate, x, y):
    net = keras.Sequential([keras.layers.Dense(16), keras.layers.Dense(1)])
    net.compile(keras.optimizers.Adam(rate), "mse")
    net.fit(x, y)


def one_by_one(rates, x, y):
    for rate in rates:
        thread = threading.Thread(target=train, args=(rate, x, y))  # expect: IMR001
        thread.start()
        thread.join()


def by_joblib(rates, x, y):
    Parallel(n_jobs=4, prefer="threads")(delayed(train)(rate, x, y) for rate in rates)  # expect: IMR001
