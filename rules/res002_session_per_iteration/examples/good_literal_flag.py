"""A method makes its operations once; later calls, which pass a flag, only return them."""

import tensorflow.compat.v1 as tf

tf.disable_eager_execution()


class Net:
    def __init__(self):
        self.online = tf.Variable(tf.zeros([4, 2]))
        self.target = tf.Variable(tf.zeros([4, 2]))
        self.update()

    def update(self, made=False):
        if not made:
            self.copy = self.target.assign(self.online)
        return [self.copy]

    def value(self, rows, build=True):
        if build:
            self.out = tf.matmul(rows, self.online)
        return self.out


def train(steps):
    net = Net()
    rows = tf.placeholder(tf.float32, [None, 4])
    net.value(rows)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(steps):
            session.run(net.update(True))
            session.run(net.value(rows, build=False), {rows: [[0.0] * 4]})


train(10000)
