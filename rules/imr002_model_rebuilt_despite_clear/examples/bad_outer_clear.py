"""Only the loop over data sets clears; the folds within it build."""

import keras
from data import names, read, splits

for name in names:
    x, y = read(name)
    for train, test in splits(x):
        model = keras.Sequential([keras.layers.Dense(16), keras.layers.Dense(1)])  # expect: IMR002
        model.compile("adam", "mse")
        model.fit(x[train], y[train], epochs=3)
        print(name, model.evaluate(x[test], y[test]))
    keras.backend.clear_session()
