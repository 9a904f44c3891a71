"""Each sample is evaluated alone to find those that the model gets wrong."""

import keras


def hardest(x, y):
    model = keras.models.load_model("model.keras")
    losses = {}
    for index in range(len(x)):
        losses[index] = model.evaluate(x[index : index + 1], y[index : index + 1], verbose=0)  # expect: IMR006
    return max(losses, key=losses.get)
