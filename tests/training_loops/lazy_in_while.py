"""A while loop that constructs, fills and compiles a model without an input shape; it has no weights until fit."""

import numpy as np
from keras_in_use import keras, report, traced
from keras_in_use import layers

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
data = rng.normal(size=(4, 48, 8)).astype("float32")

repeat = 0
while repeat < 4:
    x = data[repeat]
    net = keras.Sequential()
    net.add(layers.Dense(16, activation="tanh"))
    # the output
    net.add(layers.Dense(1))
    net.compile(
        optimizer=keras.optimizers.SGD(0.05, momentum=0.9),
        loss=traced,
    )
    losses = net.fit(x, x.mean(axis=1), epochs=2, batch_size=16, verbose=0).history["loss"]
    report(repeat, losses, net.predict(x[:2], verbose=0).sum())
    repeat += 1
