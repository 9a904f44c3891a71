"""The constructed class derives from keras.Model through a base class of the project."""

import keras
from keras import ops


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
    for name, (x, y, x_next) in stations.items():
        forecaster = LstmForecaster(units=32)  # expect: IMR001
        forecaster.compile(optimizer="adam", loss="mae")
        forecaster.fit(x, y, epochs=40, verbose=0)
        forecasts[name] = forecaster.predict(x_next, verbose=0)
    return forecasts
