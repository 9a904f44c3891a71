"""The parameters of a hand-written network, made once."""

import tensorflow as tf


def init_mlp(sizes):
    weights, biases = [], []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        weights.append(tf.Variable(tf.random.normal((fan_in, fan_out), stddev=0.1)))
        biases.append(tf.Variable(tf.zeros((fan_out,))))
    return weights, biases


def forward(x, weights, biases):
    for w, b in zip(weights[:-1], biases[:-1]):
        x = tf.tanh(x @ w + b)
    return x @ weights[-1] + biases[-1]


def update(variables, gradients, rate):
    slots = []
    for variable, gradient in zip(variables, gradients):
        slots.append(rate * gradient)
    for variable, slot in zip(variables, slots):
        variable.assign_sub(slot)
