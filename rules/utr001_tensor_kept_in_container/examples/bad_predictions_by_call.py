"""`model(x)` returns a tensor, unlike `model.predict(x)`."""

import numpy as np
import tensorflow.keras as K


def monte_carlo_dropout(path, x, passes):
    model = K.models.load_model(path)
    samples = []
    for _ in range(passes):
        samples.append(model(x, training=True))  # expect: UTR001
    return np.mean(samples, axis=0), np.std(samples, axis=0)
