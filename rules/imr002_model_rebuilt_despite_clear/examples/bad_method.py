"""A method resets the object, which clears and builds anew."""

import keras


class Experiment:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def reset(self):
        keras.backend.clear_session()
        self.model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(1)])
        self.model.compile("adam", "mse")

    def score(self):
        self.model.fit(self.x, self.y, epochs=2)
        return self.model.evaluate(self.x, self.y)


def repeat(experiment: Experiment, times):
    scores = []
    for _ in range(times):
        experiment.reset()  # expect: IMR002
        scores.append(experiment.score())
    return scores


print(repeat(Experiment(*__import__("data").load()), 50))
