"""A loop makes the layers of one graph; another runs it."""

import tensorflow as tf
from data import batches

inputs = tf.placeholder(tf.float32, [None, 64])
hidden = inputs
for width in (128, 64, 32):
    weights = tf.Variable(tf.random_normal([int(hidden.shape[1]), width]))
    hidden = tf.nn.relu(tf.matmul(hidden, weights))
loss = tf.reduce_mean(hidden)
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for batch in batches():
        sess.run([train, loss], feed_dict={inputs: batch})
