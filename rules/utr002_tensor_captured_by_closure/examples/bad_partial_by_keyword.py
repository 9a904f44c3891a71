"""partial() holds what it is given by a keyword, too."""

import functools

import keras

net = keras.models.load_model("net.keras")


def show(title, value=None):
    print(title, value)


def reports(rows):
    later = []
    for row in rows:
        output = net(row)
        later.append(functools.partial(show, "row", value=output))  # expect: UTR002
        later.append(functools.partial(print, end=output))  # expect: UTR002
    return later
