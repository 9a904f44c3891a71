"""A builder that adds up twenty branches: the whole is one model, built for each fold."""

import keras


def build(width):
    inputs = keras.Input((width,))
    branches = []
    for _ in range(20):
        branches.append(keras.Sequential([keras.layers.Dense(3)])(inputs))
    return keras.Model(inputs, keras.layers.Concatenate()(branches))


def cross_validate(folds, x, y):
    for train, test in folds:
        model = build(8)  # expect: IMR001
        model.compile("adam", "mse")
        model.fit(x[train], y[train])
        print(model.evaluate(x[test], y[test]))
