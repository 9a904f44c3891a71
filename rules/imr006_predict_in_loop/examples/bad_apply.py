"""A data frame applies a prediction to each of its rows."""

import keras
import pandas as pd


def main(path):
    model = keras.models.load_model("tabular.keras")
    table = pd.read_csv(path)
    return table.apply(lambda row: model.predict(row.to_numpy()[None])[0, 0], axis=1)  # expect: IMR006
