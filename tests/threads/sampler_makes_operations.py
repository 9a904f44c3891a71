"""tensorflow/tensorflow#758: methods of a restricted Boltzmann machine make their operations in each step."""

import tensorflow.compat.v1 as tf

tf.disable_eager_execution()


def sample(probabilities):
    return tf.nn.relu(tf.sign(probabilities - tf.random_uniform(probabilities.get_shape())))


class RBM:
    def __init__(self, visible, hidden):
        self.weights = tf.Variable(tf.truncated_normal([visible, hidden]))
        self.bias = tf.Variable(tf.zeros([hidden]))

    def up(self, rows):
        return tf.nn.sigmoid(tf.matmul(rows, self.weights) + self.bias)

    def update(self, rows):
        hidden = sample(self.up(rows))
        return self.weights.assign_add(0.1 * tf.matmul(tf.transpose(rows), hidden))


def train(batches):
    machine = RBM(784, 500)
    x = tf.placeholder(tf.float32, [20, 784])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for batch in batches:
            session.run(machine.update(x), feed_dict={x: batch})  # expect: RES002
