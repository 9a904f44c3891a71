"""One model is trained in each round: all histories hold the same one."""

import keras


def main(rounds):
    model = keras.Sequential([keras.layers.Dense(64), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    histories = []
    for x, y in rounds:
        histories.append(model.fit(x, y, verbose=0))
    return [history.history["loss"] for history in histories]
