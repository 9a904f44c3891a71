"""Every path through the iteration clears, also the one with `continue`."""

import numpy as np
import tensorflow as tf


def search(x, y, rates):
    found = []
    for rate in rates:
        model = tf.keras.Sequential([tf.keras.layers.Dense(16), tf.keras.layers.Dense(1)])
        model.compile(tf.keras.optimizers.SGD(rate), "mse")
        loss = model.fit(x, y, verbose=0).history["loss"][-1]
        if np.isnan(loss):
            tf.keras.backend.clear_session()
            continue
        found.append((rate, loss))
        tf.keras.backend.clear_session()
    return found
