"""One tensor for each weight or gradient of a step: no more than there were before."""

import tensorflow as tf


def clipped(gradients, net):
    updates = []
    for gradient, weight in zip(gradients, net.trainable_variables):
        scale = max(float(tf.norm(weight)), 1e-3)
        updates.append(gradient / tf.maximum(tf.norm(gradient) / scale, 1.0))
    return updates


class Sketch:
    def restore(self, vector, weights):
        parts, start = [], 0
        for weight in weights:
            count = tf.size(weight).numpy()
            parts.append(tf.reshape(vector[start : start + count], weight.shape))
            start += count
        return {"parts": parts}
