"""The constructed class derives from keras.Model through a base class of the project."""

import keras
from keras import ops


def reuse_model(kept, fresh):
    """Return `kept` in the initial state of `fresh`, a new model like it, so that nothing is traced again."""
    if kept is None or not kept.built:
        return fresh
    if not fresh.built:
        fresh.build_from_config(kept.get_build_config())
    states, shapes = [], []
    for model in (kept, fresh):
        state = list(model.variables)
        optimizer = getattr(model, "optimizer", None)
        if optimizer is not None:
            optimizer.build(model.trainable_variables)
            state += optimizer.variables
            if hasattr(optimizer.learning_rate, "assign"):
                state.append(optimizer.learning_rate)
        settings = {} if optimizer is None else optimizer.get_config()
        settings.pop("name", None)
        if hasattr(getattr(optimizer, "learning_rate", None), "assign"):
            settings.pop("learning_rate", None)
        states.append(state)
        shapes.append([getattr(model, "input_shape", None), settings, *(item.shape for item in state)])
    if shapes[0] != shapes[1]:
        return fresh
    for variable, value in zip(*states):
        variable.assign(value)
    for layer in kept.layers:
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
            layer.reset_states()
    kept.reset_metrics()
    kept.stop_training = False
    kept.history = None
    return kept


class BaseForecaster(keras.Model):
    def train_step_loss(self, y, y_pred):
        return ops.mean(ops.abs(y - y_pred))


class LstmForecaster(BaseForecaster):
    def __init__(self, units):
        super().__init__()
        self.lstm = keras.layers.LSTM(units)
        self.head = keras.layers.Dense(1)

    def call(self, inputs):
        return self.head(self.lstm(inputs))


def forecast_each_station(stations):
    forecasts = {}
    kept_forecaster = None
    for name, (x, y, x_next) in stations.items():
        forecaster = LstmForecaster(units=32)
        forecaster.compile(optimizer="adam", loss="mae")
        forecaster = kept_forecaster = reuse_model(kept_forecaster, forecaster)
        forecaster.fit(x, y, epochs=40, verbose=0)
        forecasts[name] = forecaster.predict(x_next, verbose=0)
    return forecasts
