"""Only the weights of the models are read after the loop."""

import keras
import numpy as np


def average(shards):
    clients = []
    for x, y in shards:
        client = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
        client.compile("sgd", "mse")
        client.fit(x, y, verbose=0)
        clients.append(client)  # expect: UTR006
    return [np.mean(parts, axis=0) for parts in zip(*[c.get_weights() for c in clients], strict=True)]
