"""The tensors are made while the object is set up: one for each variable of the model."""

import numpy as np
import tensorflow as tf


class FlatParameters:
    def __init__(self, model):
        self.shapes = tf.shape_n(model.trainable_variables)
        self.indices, self.parts = [], []
        count = 0
        for i, shape in enumerate(self.shapes):
            size = np.prod(shape)
            self.indices.append(tf.reshape(tf.range(count, count + size, dtype=tf.int32), shape))
            self.parts.extend([i] * size)
            count += size
        self.parts = tf.constant(self.parts)

    def flatten(self, tensors):
        return tf.dynamic_stitch(self.indices, tensors)
