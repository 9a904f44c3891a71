"""A while loop counts the epochs itself."""

from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential


class Network:
    def __init__(self, x, y):
        self.x = x
        self.y = y
        self.net = Sequential([Dense(4), Dense(1)])
        self.net.compile("sgd", "mse")

    def train(self, epochs):
        done = 0
        while done < epochs:
            self.net.fit(self.x, self.y, verbose=0)  # expect: IMR005
            done += 1
