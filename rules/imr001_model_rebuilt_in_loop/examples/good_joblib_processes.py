"""joblib runs the trainings in worker processes."""

import tensorflow as tf
from joblib import Parallel, delayed


def fit_one(rate, x, y):
    model = tf.keras.Sequential([tf.keras.layers.Dense(8, activation="relu"), tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.Adam(rate), "mse")
    return rate, model.fit(x, y, epochs=5, verbose=0).history["loss"][-1]


def sweep(x, y, rates):
    results = Parallel(n_jobs=4)(delayed(fit_one)(rate, x, y) for rate in rates)
    return min(results, key=lambda result: result[1])
