"""The network is named by its package; the weights of imagenet are read for each setting."""

import keras
import tensorflow as tf


def with_head(body):
    return keras.Sequential([body, keras.layers.Dense(2)])


def transfer(x, y, rates):
    for rate in rates:
        model = with_head(keras.applications.MobileNetV2(include_top=False, pooling="avg"))  # expect: IMR003
        model.compile(keras.optimizers.SGD(rate), "mse")
        model.fit(x, y)


def features(paths):
    for path in paths:
        network = tf.keras.applications.resnet.ResNet50(weights="imagenet", include_top=False)  # expect: IMR003
        yield network(tf.io.decode_jpeg(tf.io.read_file(path))[None])
