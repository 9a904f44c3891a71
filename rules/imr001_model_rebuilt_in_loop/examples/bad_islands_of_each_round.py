"""Islands of a search: a dictionary of each round holds their networks, which all take the best weights."""

from tensorflow import keras


class Search:
    def __init__(self, data):
        self.data = data
        self.best = self.network().get_weights()

    @staticmethod
    def network():
        net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(16), keras.layers.Dense(1)])
        net.compile("adam", "mse")
        return net

    def run(self, rounds, islands):
        while rounds:
            nets = dict()
            for name in islands:
                nets[name] = self.network()  # expect: IMR001
                nets[name].set_weights(self.best)
                nets[name].fit(*self.data, epochs=2, verbose=0)
            self.best = min(nets.values(), key=lambda net: net.evaluate(*self.data)).get_weights()
            rounds -= 1
