"""tensorflow/tensorflow#37512: a list of the traced function itself, filled in a loop that is unrolled."""

import tensorflow as tf


@tf.function
def anchors(features):
    found = []
    for level, feature in enumerate(features):
        size = tf.cast(tf.shape(feature)[1], tf.float32)
        found.append(size * 2.0**level)
    return tf.stack(found)


def run(batches):
    for batch in batches:
        tf.print(anchors(batch))
