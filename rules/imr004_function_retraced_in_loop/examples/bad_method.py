"""A method that the steps of a loop call wraps another method each time."""

import tensorflow as tf


class Sampler:
    def __init__(self, net):
        self.net = net

    def draw(self, noise):
        return self.net(noise, training=False)

    def sample(self, noise):
        traced = tf.function(self.draw)
        return traced(noise)


def collect(net, count):
    sampler = Sampler(net)
    found = []
    for _ in range(count):
        found.append(sampler.sample(tf.random.normal((16, 4))).numpy())  # expect: IMR004
    return found
