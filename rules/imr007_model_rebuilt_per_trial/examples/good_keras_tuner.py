"""KerasTuner calls the builder, and clears the session itself."""

import keras
import keras_tuner


def build(hp):
    model = keras.Sequential([keras.layers.Dense(hp.Int("units", 4, 64)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def main(x, y):
    tuner = keras_tuner.RandomSearch(build, objective="val_loss", max_trials=20)
    tuner.search(x, y, validation_split=0.2)
    return tuner.get_best_models()[0]
