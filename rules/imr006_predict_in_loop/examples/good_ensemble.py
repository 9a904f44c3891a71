"""Each member of an ensemble predicts the whole set once."""

import keras


def ensemble(paths, x):
    total = 0.0
    for path in paths:
        member = keras.models.load_model(path)
        total = total + member.predict(x)
    return total / len(paths)
