"""keras_tuner calls build for each trial and clears between trials itself."""

import keras
import keras_tuner


class DenseHyperModel(keras_tuner.HyperModel):
    def build(self, hp):
        model = keras.Sequential()
        for i in range(hp.Int("layers", 1, 3)):
            model.add(keras.layers.Dense(hp.Int(f"units_{i}", 16, 128, step=16), activation="relu"))
        model.add(keras.layers.Dense(1))
        model.compile(keras.optimizers.Adam(hp.Choice("rate", [1e-2, 1e-3])), "mse")
        return model


def tune(x, y, x_val, y_val):
    tuner = keras_tuner.RandomSearch(DenseHyperModel(), objective="val_loss", max_trials=20)
    tuner.search(x, y, epochs=5, validation_data=(x_val, y_val))
    return tuner.get_best_hyperparameters()[0]
