"""A list of nothing is filled with tensors, one in each iteration."""

import keras
import numpy as np

net = keras.models.load_model("net.keras")


def samples(x, count):
    drawn = [None] * count
    for number in range(count):
        drawn[number] = net(x, training=True)  # expect: UTR001
    return np.stack(drawn)


def answers(rows):
    found = [0 for _ in rows]
    for number, row in enumerate(rows):
        found[number] = net(row[None])  # expect: UTR001
    return np.array(found)


def longer(batches):
    kept = []
    for batch in batches:
        kept = [*kept, net(batch)]  # expect: UTR001
    return np.concatenate(kept)
