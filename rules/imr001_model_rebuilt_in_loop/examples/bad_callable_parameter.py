"""The builder is a parameter; the project passes one function for it."""

import numpy as np
from tensorflow import keras


def make_classifier():
    model = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(2)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), ["accuracy"])
    return model


def k_fold(build_fn, x, y, k):
    folds = np.array_split(np.random.permutation(len(x)), k)
    for i, test in enumerate(folds):
        train = np.concatenate(folds[:i] + folds[i + 1 :])
        model = build_fn()  # expect: IMR001
        model.fit(x[train], y[train], epochs=10, verbose=0)
        yield model.evaluate(x[test], y[test], verbose=0)[1]


if __name__ == "__main__":
    features, labels = np.random.rand(100, 5), np.random.randint(0, 2, 100)
    print(np.mean(list(k_fold(make_classifier, features, labels, k=5))))
