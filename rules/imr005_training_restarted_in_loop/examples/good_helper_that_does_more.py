"""A helper saves after each epoch, and a generator goes through other images each time."""

import keras
import numpy as np

x, y = np.load("x.npy"), np.load("y.npy")
images = keras.preprocessing.image.ImageDataGenerator()


def one_epoch(model):
    model.fit(x, y, verbose=0)
    model.save("latest.keras")


def train(model, shards):
    for _ in range(100):
        one_epoch(model)
    for shard in shards:
        model.fit(images.flow(np.load(shard), y), epochs=1)


net = keras.Sequential([keras.layers.Dense(1)])
net.compile("adam", "mse")
train(net, ["a.npy", "b.npy"])
