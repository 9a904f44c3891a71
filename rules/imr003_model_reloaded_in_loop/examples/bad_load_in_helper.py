"""The helper loads the same file each time that it is called."""

import keras


def grade(weights, x, y):
    net = keras.models.load_model("blank.keras")
    net.set_weights(weights)
    return net.evaluate(x, y)


def rounds(clients, x, y):
    for weights in clients:
        print(grade(weights, x, y))  # expect: IMR003
