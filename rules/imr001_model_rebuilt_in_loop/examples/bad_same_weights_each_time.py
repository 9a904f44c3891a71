"""The weights come from one and the same file, or are trained on in the loop."""

from tensorflow import keras


def build():
    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    net.compile(loss="mse")
    return net


def scores(parts):
    for x, y in parts:
        net = build()  # expect: IMR001
        net.load_weights("best.weights.h5")
        print(net.evaluate(x, y))


def folds(parts):
    for number, (x, y) in enumerate(parts):
        net = build()  # expect: IMR001
        net.fit(x, y, epochs=20)
        net.load_weights(f"best-{number}.weights.h5")
        print(net.evaluate(x, y))
