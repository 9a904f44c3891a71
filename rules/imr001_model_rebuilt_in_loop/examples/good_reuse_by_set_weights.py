"""A compiled model built in each iteration whose weights a function copies into the kept one."""

import tensorflow as tf


def copy_initial_weights(kept, fresh):
    if kept is None:
        kept = fresh
    else:
        kept.set_weights(fresh.get_weights())
    return kept


def windows(series, width):
    kept = None
    for start in range(0, len(series) - width, width):
        fresh = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(8), tf.keras.layers.Dense(1)])
        fresh.compile("adam", "mse")
        kept = copy_initial_weights(kept, fresh)
        kept.fit(series[start : start + width], verbose=0)
