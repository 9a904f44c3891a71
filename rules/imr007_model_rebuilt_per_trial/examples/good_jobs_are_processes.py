"""A grid search with several jobs: joblib runs them in processes."""

import keras
from scikeras.wrappers import KerasClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score


def create(width=8):
    model = keras.Sequential([keras.layers.Dense(width), keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def main(x, y):
    estimator = KerasClassifier(model=create, verbose=0)
    grid = GridSearchCV(estimator, {"model__width": [4, 8]}, n_jobs=-1)
    return grid.fit(x, y), cross_val_score(estimator, x, y, n_jobs=4)
