"""The construction in the loop is text: commented out with triple quotes."""

from keras.models import Sequential, load_model


def evaluate_all(paths, x, y):
    network = load_model("base.keras")
    for path in paths:
        """
        network = Sequential()
        network.compile("adam", "mse")
        """
        network.load_weights(path)
        print(Sequential.__name__, network.evaluate(x, y))
