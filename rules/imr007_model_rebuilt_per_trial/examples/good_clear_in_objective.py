"""The objective clears the session first."""

import keras
import optuna


def objective(trial):
    keras.backend.clear_session()
    model = keras.Sequential([keras.layers.Dense(trial.suggest_int("width", 4, 64)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model.fit([[0.0], [1.0]], [0.0, 1.0], verbose=0).history["loss"][-1]


optuna.create_study().optimize(objective, n_trials=50)
