"""keras-team/keras-tuner#873: the builder of a tuner, which the tuner calls and clears after."""

import keras_tuner
from numbers_ import x, y
from tensorflow import keras


def build_model(hp):
    model = keras.Sequential()
    for number in range(hp.Int("additional_layers", 1, 5)):
        model.add(
            keras.layers.LSTM(hp.Int(f"lstm_{number}_unit", 4, 512, sampling="log"), return_sequences=True)
        )
    model.add(keras.layers.Dense(1))
    model.compile("adam", "mse")
    return model


tuner = keras_tuner.BayesianOptimization(build_model, objective="val_loss", max_trials=100)
tuner.search(x, y, epochs=20, validation_split=0.2)
