"""adriangb/scikeras#283: a wrapped network is cloned for each fold, trained and deleted."""

import numpy as np
from scikeras.wrappers import KerasClassifier
from sklearn.base import clone
from sklearn.model_selection import KFold
from tensorflow import keras


def get_net(labels):
    net = keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(labels, "softmax")])
    net.compile("adam", "sparse_categorical_crossentropy")
    return net


def cross_validate(x, y, labels):
    model = KerasClassifier(get_net, labels=labels, epochs=10, batch_size=256)
    scores = np.zeros([len(x), labels])
    for train, test in KFold(n_splits=3).split(x):
        fold = clone(model)
        fold.fit(x[train], y[train])  # expect: IMR007
        scores[test] = fold.predict_proba(x[test])
        del fold
    return scores
