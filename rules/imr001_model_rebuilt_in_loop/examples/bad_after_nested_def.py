"""The loop body defines a function before it builds the model."""

import keras
import numpy as np

x, y = np.random.rand(300, 6), np.random.rand(300)

for decay in (0.9, 0.95, 0.99):

    def schedule(epoch, rate):
        return rate * decay

    model = keras.Sequential()  # expect: IMR001
    model.add(keras.layers.Dense(12, activation="relu"))
    model.add(keras.layers.Dense(1))
    model.compile(loss="mse", optimizer="adam")
    model.fit(x, y, epochs=8, callbacks=[keras.callbacks.LearningRateScheduler(schedule)], verbose=0)
    print(decay, model.evaluate(x, y, verbose=0))
