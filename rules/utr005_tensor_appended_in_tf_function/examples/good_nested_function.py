"""The inner function appends to a list of the traced function around it, which goes with the trace."""

import tensorflow as tf


@tf.function
def penalties(model, x):
    terms = []

    def add(value):
        terms.append(value)

    for variable in model.trainable_variables:
        add(tf.nn.l2_loss(variable))
    add(tf.reduce_mean(tf.abs(model(x))))
    return tf.add_n(terms)


def train(model, optimizer, dataset):
    for x in dataset:
        with tf.GradientTape() as tape:
            loss = penalties(model, x)
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
