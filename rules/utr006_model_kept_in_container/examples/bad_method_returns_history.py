"""A trainer object for each seed; its method gives the History, which an attribute keeps."""

import keras


class Trainer:
    def __init__(self, seed):
        keras.utils.set_random_seed(seed)
        self.model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
        self.model.compile("adam", "mse")

    def run(self, x, y):
        history = self.model.fit(x, y, verbose=0)
        return history


class Study:
    def __init__(self):
        self.results = []

    def all(self, x, y, seeds):
        for seed in seeds:
            trainer = Trainer(seed)
            self.results.append(trainer.run(x, y))  # expect: UTR006
            keras.backend.clear_session()
        return [result.history["loss"] for result in self.results]
