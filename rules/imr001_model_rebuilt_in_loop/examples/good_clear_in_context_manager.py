"""A context manager of the project clears on the way out."""

import contextlib
import gc

import tensorflow as tf


@contextlib.contextmanager
def fresh_session():
    try:
        yield
    finally:
        tf.keras.backend.clear_session()
        gc.collect()


class Experiment:
    def __enter__(self):
        self.model = tf.keras.Sequential([tf.keras.layers.Dense(8), tf.keras.layers.Dense(1)])
        self.model.compile("adam", "mse")
        return self.model

    def __exit__(self, *exc):
        tf.keras.backend.clear_session()


def run_all(folds):
    for x, y in folds:
        with fresh_session():
            model = tf.keras.Sequential([tf.keras.layers.Dense(32), tf.keras.layers.Dense(1)])
            model.compile("adam", "mse")
            model.fit(x, y, epochs=10, verbose=0)
    for x, y in folds:
        with Experiment() as model:
            model.fit(x, y, epochs=10, verbose=0)
