"""Who builds is out of sight; how it is compiled tells what it is."""

import keras
from zoo.library import build

model = build(keras.Input((8,)))
model.compile(optimizer="adam", loss="mse")


def score(rows):
    return [model.predict(row[None]) for row in rows]  # expect: IMR006
