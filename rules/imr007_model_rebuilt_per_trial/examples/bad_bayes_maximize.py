"""The search is given its function first, and calls it in maximize()."""

import keras
from bayes_opt import BayesianOptimization


def main(x, y):
    def quality(width):
        model = keras.Sequential([keras.layers.Dense(int(width)), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(x, y, verbose=0)
        return -model.evaluate(x, y, verbose=0)

    optimizer = BayesianOptimization(f=quality, pbounds={"width": (4, 64)}, random_state=1)
    optimizer.maximize(init_points=5, n_iter=25)  # expect: IMR007
    return optimizer.max
