"""A grid search fits an estimator that builds by a function, in this process."""

import keras
from scikeras.wrappers import KerasClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


def create(width=8):
    model = keras.Sequential([keras.layers.Dense(width), keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def main(x, y):
    steps = [("scale", StandardScaler()), ("net", KerasClassifier(model=create, epochs=5, verbose=0))]
    grid = GridSearchCV(Pipeline(steps), {"net__model__width": [4, 8, 16, 32]}, cv=5)
    return grid.fit(x, y)  # expect: IMR007
