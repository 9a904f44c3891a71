"""Each setting trains a model of its own on the same data set."""

import keras
import tensorflow as tf


def main(x, y, rates):
    scores = {}
    for rate in rates:
        keras.backend.clear_session()
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(rate), "mse")
        data = tf.data.Dataset.from_tensor_slices((x, y)).batch(32)
        scores[rate] = model.fit(data, epochs=1, verbose=0).history["loss"][-1]
    return scores
