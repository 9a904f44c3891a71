"""A driver calls the objective as often as it likes."""

import keras
from scipy.optimize import minimize

surrogate = keras.models.load_model("surrogate.keras")


def objective(x):
    return float(surrogate(x.reshape(1, -1), training=False).numpy()[0, 0])


def main(start):
    return minimize(objective, start, method="Nelder-Mead")
