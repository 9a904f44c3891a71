"""A pool is given the function, a number and the model: it is the model that the traced function gets."""

from concurrent.futures import ThreadPoolExecutor

import tensorflow as tf


@tf.function
def gradients(rows, net):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(net(rows))
    return tape.gradient(loss, net.trainable_variables)


def train_client(number, net, data):
    print("client", number)
    return fit(net, data[number])


def fit(net, data):
    return [len(gradients(rows, net)) for rows in data]


def train(net, data):
    with ThreadPoolExecutor() as pool:
        tasks = [pool.submit(train_client, number, net, data) for number in range(8)]
    return [task.result() for task in tasks]
