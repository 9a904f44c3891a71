"""A helper builds, trains and returns what fit() gives; a comprehension collects it."""

from tensorflow import keras


def train(data, rate):
    keras.backend.clear_session()
    net = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
    net.compile(keras.optimizers.SGD(rate), "mse")
    return net.fit(data, epochs=3, verbose=0)


def sweep(data, rates):
    found = [train(data, rate) for rate in rates]  # expect: UTR006
    return [run.history["loss"][-1] for run in found]
