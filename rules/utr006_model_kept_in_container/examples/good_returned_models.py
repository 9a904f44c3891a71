"""The models are given to the caller."""

import keras


def members(count):
    found = []
    for _ in range(count):
        member = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(1)])
        member.compile("adam", "mse")
        found.append(member)
    return found
