"""The trials share one model, whose state is set back."""

import keras
import optuna


def search(x, y):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(8), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    start = model.get_weights()

    def objective(trial):
        model.set_weights(start)
        model.optimizer.learning_rate = trial.suggest_float("rate", 1e-4, 1e-1, log=True)
        return model.fit(x, y, verbose=0).history["loss"][-1]

    study = optuna.create_study()
    study.optimize(objective, n_trials=50)
