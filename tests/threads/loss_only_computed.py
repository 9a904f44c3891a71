"""tensorflow/tensorflow#20062: a loss is computed in each iteration, and nothing keeps it."""

import tensorflow as tf

tf.enable_eager_execution()

layer = tf.keras.layers.Dense(5)
inputs, labels = tf.zeros([32, 100], tf.float32), tf.zeros([32], tf.int64)
for _ in range(100000):
    with tf.GradientTape() as tape:
        loss = tf.losses.sparse_softmax_cross_entropy(labels, layer(inputs))
