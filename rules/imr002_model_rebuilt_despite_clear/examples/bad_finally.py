"""The clear stands in finally."""

from data import batches
from tensorflow.keras import Model, backend, layers


def build(width):
    inputs = layers.Input((width,))
    model = Model(inputs, layers.Dense(1)(layers.Dense(64)(inputs)))
    model.compile("adam", "mse")
    return model


for x, y in batches():
    try:
        model = build(10)  # expect: IMR002
        model.fit(x, y, epochs=1)
        print(model.evaluate(x, y))
    finally:
        backend.clear_session()
