"""The stacks of a U-Net are lists of small models built by comprehensions and applied in loops."""

import tensorflow as tf


def downsample(filters):
    return tf.keras.Sequential([tf.keras.layers.Conv2D(filters, 4, strides=2, padding="same"), tf.keras.layers.ReLU()])


def upsample(filters):
    return tf.keras.Sequential([
        tf.keras.layers.Conv2DTranspose(filters, 4, strides=2, padding="same"),
        tf.keras.layers.ReLU(),
    ])


def unet(channels):
    inputs = tf.keras.Input(shape=(128, 128, 3))
    down_stack = [downsample(filters) for filters in (64, 128, 256)]
    up_stack = [upsample(filters) for filters in (128, 64)]
    x, skips = inputs, []
    for down in down_stack:
        x = down(x)
        skips.append(x)
    for up, skip in zip(up_stack, reversed(skips[:-1])):
        x = tf.keras.layers.Concatenate()([up(x), skip])
    return tf.keras.Model(inputs, tf.keras.layers.Conv2DTranspose(channels, 4, strides=2, padding="same")(x))
