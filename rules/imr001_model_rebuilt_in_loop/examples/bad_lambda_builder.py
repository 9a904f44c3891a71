"""The builder is a lambda."""

import keras
import numpy as np

make_model = lambda units: keras.Sequential([keras.layers.Dense(units, activation="tanh"), keras.layers.Dense(1)])

x, y = np.random.rand(512, 4), np.random.rand(512, 1)
results = {}
for units in (8, 16, 32, 64):
    net = make_model(units)  # expect: IMR001
    net.compile(optimizer="sgd", loss="mae")
    history = net.fit(x, y, validation_split=0.2, epochs=15, verbose=0)
    results[units] = min(history.history["val_loss"])
print(min(results, key=results.get))
