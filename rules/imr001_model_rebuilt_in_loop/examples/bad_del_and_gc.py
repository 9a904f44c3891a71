"""`del model; gc.collect()` drops the Python object; the session state stays."""

import gc

from keras.layers import Dense, Flatten
from keras.models import Sequential
from keras.optimizers import Adam


def make_model(rate):
    model = Sequential()
    model.add(Flatten(input_shape=(28, 28)))
    model.add(Dense(128, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    model.compile(Adam(rate), "categorical_crossentropy", ["accuracy"])
    return model


def grid(x, y, batch_sizes, rates):
    for batch_size in batch_sizes:
        for rate in rates:
            model = make_model(rate)  # expect: IMR001
            history = model.fit(x, y, batch_size=batch_size, epochs=5)
            print(batch_size, rate, history.history["accuracy"][-1])
            del model
            gc.collect()
