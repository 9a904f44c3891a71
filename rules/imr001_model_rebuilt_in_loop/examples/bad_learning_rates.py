"""A model for each learning rate of a sweep, built by a helper that another one calls."""

from tensorflow import keras


def optimizer(rate):
    return keras.optimizers.Adam(learning_rate=rate)


def build(rate, units=8):
    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units), keras.layers.Dense(1)])
    net.compile(optimizer(rate), "mse")
    return net


def sweep(x, y, rates):
    scores = {}
    for rate in rates:
        net = build(rate)  # expect: IMR001
        net.fit(x, y, verbose=0)
        scores[rate] = net.evaluate(x, y, verbose=0)
    return scores
