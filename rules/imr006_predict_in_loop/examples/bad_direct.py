"""The items are predicted one by one."""

import keras
import numpy as np

model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])


def main(items):
    answers = []
    for item in items:
        answers.append(model.predict(np.expand_dims(item, 0)))  # expect: IMR006
    return answers
