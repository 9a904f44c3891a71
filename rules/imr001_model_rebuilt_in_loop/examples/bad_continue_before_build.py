"""`continue` skips some iterations; the others build a model."""

import os

from tensorflow import keras


def build_model():
    model = keras.Sequential([keras.layers.LSTM(50), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def train_tickers(tickers, load_prices):
    for ticker in tickers:
        path = f"models/{ticker}.keras"
        if os.path.exists(path):
            continue
        x, y = load_prices(ticker)
        model = build_model()  # expect: IMR001
        model.fit(x, y, epochs=25, batch_size=32)
        model.save(path)
