"""A session is opened for each item, and the weights are read again for it."""

import tensorflow.compat.v1 as tf
from data import items, network

inputs = tf.placeholder(tf.float32, [None, 10])
outputs = network(inputs)
saver = tf.train.Saver()
results = []
for item in items():
    with tf.Session() as sess:  # expect: RES002
        saver.restore(sess, "model.ckpt")
        results.append(sess.run(outputs, {inputs: item}))
