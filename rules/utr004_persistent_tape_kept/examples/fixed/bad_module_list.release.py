"""A list at module level, filled by a function that is called in each step."""

import tensorflow as tf

TAPES = []


def gradients(model, x):
    tape = tf.GradientTape(persistent=True)
    with tape:
        tape.watch(x)
        y = model(x)
    return tape.gradient(y, x), tape.gradient(y, model.trainable_variables)


def saliency(model, images):
    maps = []
    for image in images:
        by_pixel, _ = gradients(model, image[None])
        maps.append(by_pixel.numpy())
    return maps
