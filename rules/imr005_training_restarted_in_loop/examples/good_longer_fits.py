"""Each round trains for several epochs, after new labels were given."""

import keras


def main(x, label, rounds):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("adam", "mse")
    for number in range(rounds):
        model.fit(x, label(x, number), epochs=20, verbose=0)
    return model
