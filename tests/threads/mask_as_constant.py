"""uber-research/sbnet#7: a random mask becomes a constant of the graph in each step."""

import numpy as np
import tensorflow as tf

image = tf.placeholder(tf.float32, [50, 28, 28, 1])
features = tf.layers.conv2d(image, 8, 3, padding="same")

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(2000):
        mask = np.random.rand(50, 28, 28, 1) > 0.9
        kept = features * tf.constant(mask, dtype=tf.float32)  # expect: RES002
        print(step, sess.run(kept, {image: np.random.rand(50, 28, 28, 1)}).sum())
