"""A new head for each task, on the input of a model that somebody else keeps."""

import keras


def with_head(net, make_head):
    start = net.input
    return keras.Model(start, make_head()(net.output))


def train(net, make_head, tasks):
    for x, y in tasks:
        model = with_head(net, make_head)
        model.compile("adam", "mse")
        model.fit(x, y, epochs=3)
