"""A helper that gets the model predicts one item."""

from tensorflow import keras


def score(model, row):
    return float(model.predict(row[None], verbose=0)[0, 0])  # expect: IMR006


def main(path, rows):
    model = keras.models.load_model(path)
    total = 0.0
    for row in rows:
        total += score(model, row)
    return total
