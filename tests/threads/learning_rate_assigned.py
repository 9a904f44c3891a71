"""smallcorgi/Faster-RCNN_TF#10: the learning rate is assigned by a new operation in every iteration."""

import tensorflow as tf
from settings import STEP, batches, network


class Solver:
    def __init__(self, sess, rate):
        self.sess = sess
        self.rate = rate

    def train_model(self, steps):
        lr = tf.Variable(self.rate, trainable=False)
        train = tf.train.MomentumOptimizer(lr, 0.9).minimize(network.loss)
        self.sess.run(tf.global_variables_initializer())
        for number in range(steps):
            if number >= STEP:
                self.sess.run(tf.assign(lr, self.rate * 0.1))  # expect: RES002
            else:
                self.sess.run(tf.assign(lr, self.rate))
            self.sess.run(train, feed_dict=next(batches))


with tf.Session() as session:
    Solver(session, 0.001).train_model(70000)
