"""A callback of the study clears the session after each trial."""

import optuna
from tensorflow import keras
from tensorflow.keras import backend as K


def objective(trial):
    model = keras.Sequential([keras.layers.Dense(trial.suggest_int("width", 4, 64)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model.fit([[0.0], [1.0]], [0.0, 1.0], verbose=0).history["loss"][-1]


def tidy(study, trial):
    K.clear_session()


study = optuna.create_study()
study.optimize(objective, n_trials=50, callbacks=[tidy])
