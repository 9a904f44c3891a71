"""A py_function runs in every step and keeps a number."""

import tensorflow as tf

values = []


def remember(value):
    values.append(float(value))


@tf.function
def step(model, x):
    loss = tf.reduce_mean(tf.square(model(x)))
    tf.py_function(remember, [loss], [])
    tf.numpy_function(lambda v: values.append(v.item()), [loss], [])
    return loss


def run(model, batches):
    for x in batches:
        step(model, x)
