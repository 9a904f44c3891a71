"""New layers on a model that was there before: what is learnt stays in the shared part."""

import keras
from keras import layers


def heads(x, labels):
    encoder = keras.applications.MobileNetV2(include_top=False, pooling="avg")
    for name, y in labels.items():
        model = keras.Sequential([encoder, layers.Dense(2, activation="softmax", name=name)])
        model.compile("adam", "categorical_crossentropy")
        model.fit(x, y)


def functional_heads(x, labels):
    body = keras.applications.MobileNetV2(include_top=False, pooling="avg")
    for y in labels:
        outputs = layers.Dense(2)(layers.Dropout(0.5)(body.output))
        model = keras.Model(body.input, outputs)
        model.compile("adam", "mse")
        model.fit(x, y)


def with_head(body, units):
    inputs = keras.Input((32, 32, 3))
    return keras.Model(inputs, layers.Dense(units)(body(inputs)))


def through_a_helper(x, y, sizes):
    body = keras.applications.MobileNetV2(include_top=False, pooling="avg")
    for units in sizes:
        model = with_head(body, units)
        model.compile("adam", "mse")
        model.fit(x, y)
