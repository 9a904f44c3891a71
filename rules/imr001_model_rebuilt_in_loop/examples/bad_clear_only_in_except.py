"""The clear runs only when training fails."""

import tensorflow as tf
from tensorflow.keras import backend as K


def build_unet(depth):
    inputs = tf.keras.Input((128, 128, 1))
    x = inputs
    for level in range(depth):
        x = tf.keras.layers.Conv2D(16 * 2**level, 3, padding="same", activation="relu")(x)
    return tf.keras.Model(inputs, tf.keras.layers.Conv2D(1, 1, activation="sigmoid")(x))


def try_depths(dataset, depths):
    for depth in depths:
        try:
            model = build_unet(depth)  # expect: IMR001
            model.compile("adam", "binary_crossentropy")
            model.fit(dataset, epochs=2)
        except tf.errors.ResourceExhaustedError:
            print("out of memory at depth", depth)
            K.clear_session()
