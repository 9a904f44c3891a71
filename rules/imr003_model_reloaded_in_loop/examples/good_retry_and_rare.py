"""A load that is tried until it works, after an error, in one epoch, or when training gets worse."""

import time

from tensorflow.keras.models import load_model


def wait_for(path):
    while True:
        try:
            return load_model(path)
        except OSError:
            time.sleep(10)


def train(net, epochs, x, y):
    for epoch in range(epochs):
        if epoch == 10:
            net = load_model("warm.keras")
        try:
            net.fit(x, y)
        except RuntimeError:
            net = load_model("warm.keras")
    return net
