"""Trials of a search differ in what they build."""

import keras
import optuna
from data import x, y


def objective(trial):
    keras.backend.clear_session()
    model = keras.Sequential([keras.layers.Dense(trial.suggest_int("units", 4, 64)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model.fit(x, y).history["loss"][-1]


optuna.create_study().optimize(objective, n_trials=20)
