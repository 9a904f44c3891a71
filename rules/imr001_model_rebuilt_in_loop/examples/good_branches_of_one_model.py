"""The models built in the loop are branches; their outputs flow into one Model."""

import keras
from keras import layers


def build_multi_input(input_sizes, n_classes):
    inputs, features = [], []
    for size in input_sizes:
        entry = keras.Input(shape=(size,))
        branch = keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(16)])
        inputs.append(entry)
        features.append(branch(entry))
    merged = layers.Concatenate()(features)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(merged))
