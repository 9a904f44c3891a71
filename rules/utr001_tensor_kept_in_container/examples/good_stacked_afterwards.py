"""The tensors are needed as tensors: one op joins them after the loop."""

import tensorflow as tf
from keras import ops


def encode(encoder, dataset, queries):
    embeddings, parts, scores = [], [], []
    for images in dataset:
        embeddings.append(encoder(images, training=False))
        parts.append(tf.nn.l2_normalize(embeddings[-1], axis=1))
    for query in queries:
        scores.append(ops.matmul(parts[0], ops.transpose(query)))
    index = tf.concat(embeddings, axis=0)
    return index, tf.stack(parts), ops.concatenate(scores, axis=0)
