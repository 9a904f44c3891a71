"""The histories of all folds are kept for a plot, although each iteration clears the session."""

import keras
import matplotlib.pyplot as plt


def main(folds):
    histories = []
    for x, y in folds:
        keras.backend.clear_session()
        model = keras.Sequential([keras.layers.Dense(64), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        histories.append(model.fit(x, y, epochs=20, verbose=0))  # expect: UTR006
    for history in histories:
        plt.plot(history.history["loss"])  # the curve of a fold
    return len(histories)
