"""An objective of Optuna builds a model for each trial."""

import keras
import optuna


def build(width):
    model = keras.Sequential([keras.layers.Dense(width, activation="relu"), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def search(x, y):
    def objective(trial):
        model = build(trial.suggest_int("width", 4, 64))
        return model.fit(x, y, epochs=3, verbose=0).history["loss"][-1]

    study = optuna.create_study(direction="minimize")
    study.optimize(objective, n_trials=200)  # expect: IMR007
    return study.best_params
