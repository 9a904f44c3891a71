"""The operations are made in the loop that runs the session."""

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()

left = tf.placeholder(tf.float32, [None])
right = tf.placeholder(tf.float32, [None])
session = tf.Session()
for row in np.random.rand(500, 3):
    distance = tf.norm(left - right)  # expect: RES002
    print(session.run(distance, {left: row, right: row[::-1]}))
