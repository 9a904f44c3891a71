"""Who makes the model is out of sight, and so is what becomes of it between two calls of compile()."""

import keras

from trees import attach, branch


def grow(model, x, y, rounds):
    for number in range(rounds):
        attach(model, branch(number))
        model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
        model.fit(x, y, epochs=30)
