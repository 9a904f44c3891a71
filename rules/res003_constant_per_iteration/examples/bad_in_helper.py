"""A helper that a loop calls makes the tensor."""

import numpy as np
import tensorflow as tf

kernel = np.ones((64, 64), "float32")


def smooth(image):
    return tf.linalg.matmul(image, tf.convert_to_tensor(kernel)).numpy()  # expect: RES003


def smooth_all(images):
    return [smooth(image) for image in images]
