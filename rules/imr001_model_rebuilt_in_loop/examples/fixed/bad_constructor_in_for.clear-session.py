"""A Sequential model is constructed in the body of a for loop."""

import numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras import backend
from sklearn.model_selection import KFold

x = np.random.rand(200, 8)
y = np.random.rand(200)

scores = []
for train, test in KFold(n_splits=5).split(x):
    backend.clear_session()
    model = Sequential()
    model.add(Dense(32, activation="relu"))
    model.add(Dense(1))
    model.compile(optimizer="adam", loss="mse")
    model.fit(x[train], y[train], epochs=10, verbose=0)
    scores.append(model.evaluate(x[test], y[test], verbose=0))
print(np.mean(scores))
