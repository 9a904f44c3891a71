"""tensorflow/tensorflow#19385: a network is called a million times; what it gives is dropped."""

import tensorflow as tf


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = tf.keras.layers.Conv2D(32, 3)

    def call(self, x):
        return self.conv(x)


inputs = tf.zeros([1, 10, 10, 3])
net = Net()
for _ in range(1000000):
    net(inputs)
