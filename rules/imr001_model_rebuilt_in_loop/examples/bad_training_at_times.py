"""A timer that starts itself again, and a scheduler, train a new model at times, in one process."""

import threading

import schedule
from tensorflow import keras


def train():
    net = keras.Sequential([keras.layers.Dense(16), keras.layers.Dense(1)])
    net.compile("adam", "mse")
    net.fit([[1.0]], [1.0])


def again():
    train()  # expect: IMR001
    threading.Timer(3600, again).start()


schedule.every().day.at("03:00").do(train)  # expect: IMR001
