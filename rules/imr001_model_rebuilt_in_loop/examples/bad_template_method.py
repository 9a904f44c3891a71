"""The loop stands in a base class, what builds in a subclass."""

from tensorflow import keras


class Experiment:
    def make(self, seed):
        raise NotImplementedError

    def repeat(self, seeds, x, y):
        return [self.one(seed, x, y) for seed in seeds]

    def one(self, seed, x, y):
        for _ in range(3):
            net = self.make(seed)  # expect: IMR001
            net.fit(x, y)
        return float(net.evaluate(x, y))


class Wide(Experiment):
    def make(self, seed):
        keras.utils.set_random_seed(seed)
        net = keras.Sequential([keras.layers.Dense(512), keras.layers.Dense(1)])
        net.compile("adam", "mse")
        return net


print(Wide().repeat(range(40), [[1.0]], [1.0]))
