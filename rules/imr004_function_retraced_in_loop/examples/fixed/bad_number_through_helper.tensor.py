"""A helper passes the number of the epoch on to a traced function."""

import tensorflow as tf

net = tf.keras.Sequential([tf.keras.layers.Dense(1)])


def loss(x, epoch):
    return tf.reduce_mean(net(x)) / (1.0 + epoch)


traced_loss = tf.function(loss)


def run(x, epoch):
    return float(traced_loss(x, tf.constant(epoch)))


def train(x, epochs):
    for epoch in range(epochs):
        print(run(x, epoch))
