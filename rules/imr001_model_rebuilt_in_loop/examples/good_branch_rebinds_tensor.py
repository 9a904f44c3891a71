"""Each sub-model is applied to the running output at once; one Model is made after the loop."""

import tensorflow as tf


def downsample(filters):
    block = tf.keras.Sequential()
    block.add(tf.keras.layers.Conv2D(filters, 4, strides=2, padding="same", use_bias=False))
    block.add(tf.keras.layers.BatchNormalization())
    block.add(tf.keras.layers.LeakyReLU())
    return block


def discriminator():
    image = tf.keras.Input(shape=(256, 256, 3))
    x = image
    for filters in (64, 128, 256, 512):
        x = downsample(filters)(x)
    return tf.keras.Model(image, tf.keras.layers.Conv2D(1, 4)(x))
