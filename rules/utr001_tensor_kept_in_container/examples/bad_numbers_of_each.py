"""Whole tensors are kept, and one number of each is computed and read afterwards."""

import tensorflow as tf


def largest(x, steps):
    states = []
    for _ in range(steps):
        x = tf.matmul(x, x) / 1000.0
        states.append(x)  # expect: UTR001
    return max(float(tf.reduce_max(state).numpy()) for state in states)


def norms(x, steps):
    states = {}
    for step in range(steps):
        x = tf.tanh(x)
        states[step] = x  # expect: UTR001
    return {step: float(tf.norm(state)) for step, state in states.items()}


def powers(x, count):
    found = []
    for _ in range(count):
        x = x @ x
        found.append(tf.nn.relu(x))  # expect: UTR001
    return found


def report(x):
    for power in powers(x, 1000):
        print(tf.reduce_mean(power).numpy())
