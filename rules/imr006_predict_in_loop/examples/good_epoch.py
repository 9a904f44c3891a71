"""The whole validation set, once in an epoch."""

import keras


def train(x, y, x_val, y_val, epochs):
    model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    for epoch in range(epochs):
        for start in range(0, len(x), 32):
            model.train_on_batch(x[start : start + 32], y[start : start + 32])
        predicted = model.predict(x_val)
        print(epoch, ((predicted - y_val) ** 2).mean())
