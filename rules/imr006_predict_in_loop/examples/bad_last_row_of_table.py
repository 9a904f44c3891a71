"""The last row of a table is predicted, and the next is made from it."""

import pandas as pd
from tensorflow.keras.models import load_model


def forecast(model, history, days):
    for _ in range(days):
        last = history.tail(1).to_numpy()
        demand = model.predict(last)  # expect: IMR006
        history.loc[len(history)] = [*history.iloc[-1, 1:], *demand.ravel()]
    return history


print(forecast(load_model("demand.keras"), pd.read_csv("demand.csv"), 365))
