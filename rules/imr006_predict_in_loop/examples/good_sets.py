"""The loop goes over three sets that are named in it."""

import keras


def report(x_train, y_train, x_val, y_val, x_test, y_test):
    model = keras.models.load_model("model.keras")
    for name, x, y in (("train", x_train, y_train), ("val", x_val, y_val), ("test", x_test, y_test)):
        print(name, model.evaluate(x, y))
