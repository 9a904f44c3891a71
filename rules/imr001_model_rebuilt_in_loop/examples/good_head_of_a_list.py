"""The loop runs over a list of one item at most: `[:1]`."""

from tensorflow import keras

NAMES = {"small": 4, "large": 8}


def build(width):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(width)])


def first(widths):
    for width in widths[:1]:
        net = build(width)
        print(net.count_params())


def numbered(widths):
    for number, width in enumerate(widths[:1]):
        net = build(width)
        print(number, net.count_params())


def named():
    for name in list(NAMES.keys())[:1]:
        net = keras.Sequential([keras.layers.Dense(4, name=name)])
        print(net.name)
