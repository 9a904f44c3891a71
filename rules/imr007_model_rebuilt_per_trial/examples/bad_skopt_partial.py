"""scikit-optimize gets a partial of the objective, which calls the builder of another function."""

from functools import partial

import tensorflow as tf
from skopt import gp_minimize


def network(units, rate):
    net = tf.keras.Sequential([tf.keras.layers.Dense(units), tf.keras.layers.Dense(1)])
    net.compile(tf.keras.optimizers.Adam(rate), "mse")
    return net


def score(data, point):
    x, y = data
    net = network(*point)
    net.fit(x, y, verbose=0)
    return float(net.evaluate(x, y, verbose=0))


def main(data):
    return gp_minimize(partial(score, data), [(4, 64), (1e-4, 1e-1)], n_calls=60)  # expect: IMR007
