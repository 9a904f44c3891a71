"""A method of the same class builds the model; another method calls it in its loop."""

from tensorflow import keras
from tensorflow.keras import layers


class WindowForecaster:
    def __init__(self, lookback, units):
        self.lookback = lookback
        self.units = units
        self.model = None

    def _build(self):
        model = keras.Sequential()
        model.add(layers.LSTM(self.units, input_shape=(self.lookback, 1)))
        model.add(layers.Dense(1))
        model.compile("adam", "mse")
        return model

    def rolling_forecast(self, windows):
        forecasts = []
        for x_train, y_train, x_next in windows:
            self.model = self._build()  # expect: IMR001
            self.model.fit(x_train, y_train, epochs=30, verbose=0)
            forecasts.append(self.model.predict(x_next)[0, 0])
        return forecasts
