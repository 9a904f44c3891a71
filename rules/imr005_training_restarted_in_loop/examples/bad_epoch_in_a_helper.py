"""A helper trains one epoch and returns its loss; the loop around it prints."""

import keras
import numpy as np

x, y = np.load("x.npy"), np.load("y.npy")
images = keras.preprocessing.image.ImageDataGenerator(rotation_range=20)


def one_epoch(model):
    """Train once and return the loss."""
    history = model.fit(x, y, verbose=0)  # expect: IMR005
    return history.history["loss"][0]


def train(model, epochs):
    for epoch in range(epochs):
        loss = one_epoch(model)
        print(epoch, loss)


def train_on_images(model, epochs):
    for epoch in range(epochs):
        print("epoch", epoch)
        model.fit(images.flow(x, y, batch_size=32), epochs=1)  # expect: IMR005


net = keras.Sequential([keras.layers.Dense(1)])
net.compile("adam", "mse")
train(net, 100)
train_on_images(net, 100)
