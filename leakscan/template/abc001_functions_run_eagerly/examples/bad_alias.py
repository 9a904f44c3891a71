"""The switch is imported by name and set in a function."""

from tensorflow.config import run_functions_eagerly as eager


def main(model, data):
    # Makes errors readable.
    eager(True)  # expect: ABC001
    model.fit(data)
