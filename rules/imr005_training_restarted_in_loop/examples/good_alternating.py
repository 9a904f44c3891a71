"""Two networks are trained in turn."""

import keras


def train(x, y, noise, rounds):
    critic = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
    maker = keras.Sequential([keras.layers.Dense(8), critic])
    critic.compile("adam", "mse")
    maker.compile("adam", "mse")
    for _ in range(rounds):
        critic.fit(x, y, epochs=1, verbose=0)
        maker.fit(noise, y, epochs=1, verbose=0)
