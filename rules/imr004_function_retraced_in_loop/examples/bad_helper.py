"""A helper defines a traced function and calls it; a loop calls the helper."""

import tensorflow as tf


def saliency(net, image):
    @tf.function
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = tf.reduce_max(net(x))
        return tape.gradient(score, x)

    return gradient(image).numpy()


def explain(net, images):
    for image in images:
        yield saliency(net, image)  # expect: IMR004
