"""Threads that train at the same time need a model each, as do tasks whose models are kept."""

import threading
from concurrent.futures import ThreadPoolExecutor

import keras


def build(units):
    return keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(1)])


def work(units, x, y):
    build(units).fit(x, y)


def at_once(x, y):
    threads = [threading.Thread(target=work, args=(units, x, y)) for units in (8, 16, 32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def ensemble(sizes, x):
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(build, size) for size in sizes]
    return sum(future.result()(x) for future in futures)


threading.Timer(60, work, (8, [[1.0]], [1.0])).start()
