"""tensorflow/tensorflow#13986: a large graph is built by loops, once, and then run: slow to build, no leak."""

import numpy as np
import tensorflow as tf

length = 1000
values = tf.placeholder(tf.float32, [1, length])
boxes = np.zeros(100, dtype="O")
for place in range(length):
    for number in range(len(boxes)):
        boxes[number] += tf.exp(-50.0 * tf.square(number - values[0][place]))

with tf.Session() as sess:
    for number in range(len(boxes)):
        print(sess.run(boxes[number], feed_dict={values: np.random.rand(1, length)}))
