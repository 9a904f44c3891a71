"""Recurrent layers that carry their state from batch to batch, which is in no list of variables."""

import numpy as np
from keras_in_use import keras, report, traced

rng = np.random.default_rng(0)
x = rng.normal(size=(32, 5, 1)).astype("float32")
y = x.sum(axis=(1, 2))


def build():
    keras.utils.set_random_seed(11)
    model = keras.Sequential(
        [
            keras.Input((5, 1), batch_size=16),
            keras.layers.LSTM(4, stateful=True, dropout=0.2, return_sequences=True),
            keras.layers.Bidirectional(keras.layers.GRU(3, stateful=True)),
            keras.layers.Dense(1),
        ]
    )
    model.compile("rmsprop", traced)
    return model


for repeat in range(3):
    model = build()
    losses = model.fit(x, y, epochs=2, batch_size=16, shuffle=False, verbose=0).history["loss"]
    report(repeat, losses, model.evaluate(x, y, batch_size=16, verbose=0))
