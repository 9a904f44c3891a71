"""The epoch is a Python number, and a summary is written with it two calls on."""

import tensorflow as tf

from data import batches, net, optimizer

writer = tf.summary.create_file_writer("logs")


def log(error, step):
    with writer.as_default():
        tf.summary.scalar("error", error, step=step)


@tf.function
def train_step(x, y, epoch):
    with tf.GradientTape() as tape:
        error = tf.reduce_mean(tf.square(net(x) - y))
    optimizer.apply_gradients(zip(tape.gradient(error, net.trainable_variables), net.trainable_variables))
    log(error, epoch)


def fit(epochs):
    for epoch in range(epochs):
        for x, y in batches:
            train_step(x, y, tf.constant(epoch, tf.int64))
