"""What is done between the epochs decides how it goes on."""

import keras


def train(x, y, x_val, y_val, epochs, wait):
    model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    best, since = float("inf"), 0
    for _ in range(epochs):
        model.fit(x, y, epochs=1, verbose=0)
        loss = model.evaluate(x_val, y_val, verbose=0)
        best, since = (loss, 0) if loss < best else (best, since + 1)
        if since > wait:
            break
    return model
