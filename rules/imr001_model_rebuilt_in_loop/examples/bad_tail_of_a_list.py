"""The loop runs over all items but the first, or all but the last: `[1:]`, `[:-1]`."""

from tensorflow import keras


def later(widths):
    for width in widths[1:]:
        net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(width)])  # expect: IMR001
        print(net.count_params())


def earlier(widths):
    for width in widths[:-1]:
        net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(width)])  # expect: IMR001
        print(net.count_params())
