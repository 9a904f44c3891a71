"""A functional model in nested loops, compiled with a learning-rate schedule; both loops share one model."""

import numpy as np
from keras_in_use import keras, report, traced


def make_model(width):
    inputs = keras.Input((width,))
    x = keras.layers.Dense(12, activation="relu")(inputs)
    x = keras.layers.Dropout(0.0)(x)
    return keras.Model(inputs, keras.layers.Dense(1)(x))


def main():
    keras.utils.set_random_seed(3)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(48, 8)).astype("float32")
    y = x.max(axis=1)
    for batch_size in (8, 16):
        for repeat in range(2):
            schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 4, 0.5)
            model = make_model(8)
            model.compile(keras.optimizers.Adam(schedule), traced)
            first = model.fit(x, y, epochs=2, batch_size=batch_size, verbose=0)
            second = model.fit(x, y, epochs=1, batch_size=batch_size, verbose=0)
            report((batch_size, repeat), first.history["loss"], second.history["loss"])


main()
