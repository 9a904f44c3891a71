"""A new checkpoint is evaluated every few minutes, in a session of its own."""

import time

import tensorflow.compat.v1 as tf
from data import accuracy

tf.disable_v2_behavior()

saver = tf.train.Saver()


def evaluate():
    with tf.Session() as sess:
        saver.restore(sess, tf.train.latest_checkpoint("models"))
        print(sess.run(accuracy))


while True:
    evaluate()
    time.sleep(300)
