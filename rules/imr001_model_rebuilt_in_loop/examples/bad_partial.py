"""The builder is bound with functools.partial and called through the bound name."""

from functools import partial

import keras


def build(units, activation):
    model = keras.models.Sequential([
        keras.layers.Dense(units, activation=activation),
        keras.layers.Dense(3, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


build_relu = partial(build, activation="relu")


def sweep(x, y):
    for units in [4, 8, 16, 32, 64, 128]:
        history = build_relu(units).fit(x, y, epochs=10, verbose=0)  # expect: IMR001
        print(units, history.history["accuracy"][-1])
