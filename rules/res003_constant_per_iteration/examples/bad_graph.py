"""In a graph of TensorFlow 1 each tensor is kept."""

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()

table = np.zeros((1000, 1000), "float32")

totals = []
for row in range(1000):
    totals.append(row * tf.reduce_sum(tf.constant(table)))  # expect: RES003

with tf.Session() as session:
    print(session.run(totals))
