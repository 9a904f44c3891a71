"""Each agent makes a graph of its own, and works in it."""

import tensorflow as tf


class Agent:
    def __init__(self, size):
        self.graph = tf.Graph()
        with self.graph.as_default():
            self.state = tf.placeholder(tf.float32, [None, size])
            self.action = tf.argmax(tf.layers.dense(self.state, 4), 1)
            self.start = tf.global_variables_initializer()
        self.sess = tf.Session(graph=self.graph)
        self.sess.run(self.start)

    def act(self, state):
        return self.sess.run(self.action, feed_dict={self.state: state})


def compare(sizes, states):
    for size in sizes:
        agent = Agent(size)
        print(agent.act(states))
