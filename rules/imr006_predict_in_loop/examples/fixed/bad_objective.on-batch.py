"""A driver calls the objective as often as it likes."""

import keras
from scipy.optimize import minimize

surrogate = keras.models.load_model("surrogate.keras")


def objective(x):
    return float(surrogate.predict_on_batch(x.reshape(1, -1))[0, 0])


def main(start):
    return minimize(objective, start, method="Nelder-Mead")
