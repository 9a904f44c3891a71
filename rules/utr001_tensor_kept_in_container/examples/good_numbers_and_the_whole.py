"""Numbers of each are read, and the tensors are needed whole, or are those of a list that is there."""

import tensorflow as tf


def stacked(x, steps):
    states = []
    for _ in range(steps):
        x = tf.matmul(x, x)
        states.append(x)
    print([float(tf.reduce_max(state)) for state in states])
    return tf.stack(states)


def of_sizes(x, sizes):
    images = []
    for size in sizes:
        images.append(tf.image.resize(x, (size, size)))
    print([float(tf.reduce_max(image)) for image in images])
    return images
