"""Small batches of noise that a generator draws from once in an epoch, and large ones."""

import numpy as np
from tensorflow import keras


def drawn_after_fit(generator: keras.Model, gan: keras.Model, x, y, epochs):
    for epoch in range(epochs):
        gan.fit(x, y)
        noise = np.random.normal(size=(16, 100))
        np.save(f"{epoch}.npy", generator.predict(noise))


def drawn_after_batches(generator: keras.Model, gan: keras.Model, batches, epochs):
    for epoch in range(epochs):
        for x, y in batches:
            gan.train_on_batch(x, y)
        np.save(f"{epoch}.npy", generator.predict(np.random.normal(size=(16, 100))))


def drawn_now_and_then(generator: keras.Model, gan: keras.Model, batches):
    for step, (x, y) in enumerate(batches):
        gan.train_on_batch(x, y)
        if step % 200 == 0:
            np.save(f"{step}.npy", generator.predict(np.random.normal(size=(16, 100))))


def many_rows(generator: keras.Model, rounds, count=5000):
    for number in range(rounds):
        noise = np.random.normal(0, 1, (count, 100))
        np.save(f"{number}.npy", generator.predict(noise))


def the_same_each_time(generator: keras.Model, rounds):
    noise = np.random.normal(0, 1, (16, 100))
    for number in range(rounds):
        np.save(f"{number}.npy", generator.predict(noise))
