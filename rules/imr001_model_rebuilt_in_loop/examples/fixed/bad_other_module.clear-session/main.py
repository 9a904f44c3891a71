"""The builder is imported from another module of the project; this one imports no Keras."""

from itertools import product

from models import build_model
from tensorflow.keras import backend


def search(x, y, x_val, y_val):
    best = (0.0, None)
    for filters, dropout in product([16, 32, 64], [0.1, 0.3, 0.5]):
        backend.clear_session()
        model = build_model(filters, dropout)
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(x, y, epochs=3)
        accuracy = model.evaluate(x_val, y_val)[1]
        best = max(best, (accuracy, (filters, dropout)))
    return best
