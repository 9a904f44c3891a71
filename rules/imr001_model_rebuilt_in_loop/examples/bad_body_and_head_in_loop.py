"""The body is made in each iteration as well: nothing is shared."""

import keras
from keras import layers


def with_head(body):
    return keras.Sequential([body, layers.Dense(2)])


def transfer(x, y, rates):
    for rate in rates:
        body = keras.applications.MobileNetV2(include_top=False, pooling="avg")
        model = keras.Sequential([body, layers.Dense(2)])  # expect: IMR001
        model.compile(keras.optimizers.SGD(rate), "mse")
        model.fit(x, y)


def through_a_helper(x, y, rates):
    for rate in rates:
        model = with_head(keras.Sequential([layers.Dense(8)]))  # expect: IMR001
        model.compile(keras.optimizers.SGD(rate), "mse")
        model.fit(x, y)


def views(model, names, images):
    layers.Rescaling(1 / 255)
    for name in names:
        view = keras.Model(model.input, model.get_layer(name).output)  # expect: IMR001
        view.predict(images)
