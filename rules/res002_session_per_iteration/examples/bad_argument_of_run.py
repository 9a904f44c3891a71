"""What is asked of the session is made where it is asked, in an inner loop of a training."""

import tensorflow as tf
from data import batches, network

images = tf.placeholder(tf.float32, [None, 28, 28, 1])
labels = tf.placeholder(tf.int64, [None])
logits = network(images)
loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
train = tf.train.AdamOptimizer(1e-3).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(20):
        for x, y in batches():
            feed = {images: x, labels: y}
            sess.run(train, feed_dict=feed)
            guess = sess.run(tf.argmax(logits, 1), feed_dict=feed)  # expect: RES002
            print((guess == y).mean())
