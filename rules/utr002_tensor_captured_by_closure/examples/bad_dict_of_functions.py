"""A dictionary gets one function for each step."""

import tensorflow as tf


def embed_all(encoder, batches):
    lookup = {}
    for key, batch in batches:
        embedding = tf.nn.l2_normalize(encoder(batch), axis=1)
        lookup[key] = lambda query, embedding=embedding: tf.matmul(embedding, query, transpose_b=True)  # expect: UTR002
    return lookup
