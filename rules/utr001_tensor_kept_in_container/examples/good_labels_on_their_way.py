"""Labels of one task are encoded and converted together: data on its way into an array."""

import numpy as np
import tensorflow as tf


def make_task(classes, read_image, ways):
    images, labels = [], []
    for number, paths in enumerate(classes):
        images.extend([read_image(path) for path in paths])
        labels.extend([tf.one_hot(number, ways) for _ in paths])
    return np.array(images), np.array(labels)
