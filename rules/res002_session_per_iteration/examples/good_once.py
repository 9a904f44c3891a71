"""The operations are made once; each iteration feeds them."""

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()

left = tf.placeholder(tf.float32, [None])
right = tf.placeholder(tf.float32, [None])
distance = tf.norm(left - right)
with tf.Session() as session:
    for row in np.random.rand(500, 3):
        print(session.run(distance, {left: row, right: row[::-1]}))
