"""The model is taken from the History later on."""

import keras


def main(folds, unseen):
    runs = []
    for x, y in folds:
        keras.backend.clear_session()
        model = keras.Sequential([keras.layers.Dense(64), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        runs.append(model.fit(x, y, verbose=0))
    return [run.model.predict(unseen) for run in runs]
