"""The function that a loop calls builds, trains and clears."""

import keras


def run(x, y, rate):
    model = keras.Sequential([keras.layers.Dense(16), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(rate), "mse")
    loss = model.fit(x, y, epochs=2).history["loss"][-1]
    keras.utils.clear_session()
    return loss


def sweep(x, y, rates):
    return {rate: run(x, y, rate) for rate in rates}  # expect: IMR002
