"""A helper loads the model where none is passed, and nobody passes one."""

from tensorflow.keras.models import load_model


def predict(row, model=None):
    if model is None:
        model = load_model("net.h5")
    return model.predict(row)


def predict_all(rows):
    return [predict(row) for row in rows]  # expect: IMR003
