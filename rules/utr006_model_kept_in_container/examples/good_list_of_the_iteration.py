"""The list is made anew for each data set, and dies with it."""

import keras


def main(sets):
    for name, x, y in sets:
        keras.backend.clear_session()
        runs = []
        model = keras.Sequential([keras.layers.Dense(64), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        runs.append(model.fit(x, y, verbose=0))
        runs.append(model.fit(x, y, epochs=5, verbose=0))
        print(name, [run.history["loss"][-1] for run in runs])
