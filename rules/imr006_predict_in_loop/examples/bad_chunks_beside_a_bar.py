"""Chunks of 32 rows come from a generator, beside a bar of progress."""

import keras
from tqdm import trange

net = keras.models.load_model("net.keras")


def batches(x, y, size=32):
    for start in range(0, len(x), size):
        part = x[start : min(start + size, len(x))]
        yield part, y[start : min(start + size, len(y))]


def centres(x, y):
    found = []
    for number, (rows, labels) in zip(trange(len(x) // 32), batches(x, y)):
        found.append(net.predict(rows))  # expect: IMR006
    return found
