"""An estimator that is fitted once, and an optimizer that minimizes once a step."""

import keras
from scikeras.wrappers import KerasClassifier


def create(width=8):
    model = keras.Sequential([keras.layers.Dense(width), keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def main(x, y, rows):
    estimator = KerasClassifier(create, verbose=0)
    estimator.fit(x, y)
    return [estimator.classes_[row] for row in rows]
