"""The flag says that the operations are made, and each step passes it."""

import tensorflow.compat.v1 as tf

tf.disable_eager_execution()


class Net:
    def __init__(self):
        self.online = tf.Variable(tf.zeros([4, 2]))

    def value(self, rows, build=True):
        if build:
            return tf.matmul(rows, self.online)
        return None


def train(steps):
    net = Net()
    rows = tf.placeholder(tf.float32, [None, 4])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(steps):
            session.run(net.value(rows), {rows: [[0.0] * 4]})  # expect: RES002


train(10000)
