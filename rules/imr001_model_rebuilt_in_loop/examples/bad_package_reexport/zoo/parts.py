"""Parts that networks share."""

from keras import layers


def head(features):
    return layers.Dense(10, activation="softmax")(layers.Flatten()(features))
