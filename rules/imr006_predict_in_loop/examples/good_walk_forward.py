"""The model is trained again before each prediction: the training is what takes the time."""

import keras


def forecast(x, y, first):
    model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    errors = []
    for now in range(first, len(y)):
        model.fit(x[:now], y[:now], epochs=5, verbose=0)
        errors.append(abs(float(model.predict(x[now : now + 1], verbose=0)[0, 0]) - y[now]))
    return errors
