"""The session is cleared at the end of each iteration, with the usual del and gc.collect()."""

import gc

import tensorflow as tf
from data import x, y

losses = []
for seed in range(30):
    tf.keras.utils.set_random_seed(seed)
    net = tf.keras.Sequential([tf.keras.layers.Dense(8), tf.keras.layers.Dense(1)])  # expect: IMR002
    net.compile("sgd", "mse")
    losses.append(net.fit(x, y, epochs=3, verbose=0).history["loss"][-1])
    del net
    tf.keras.backend.clear_session()
    gc.collect()
