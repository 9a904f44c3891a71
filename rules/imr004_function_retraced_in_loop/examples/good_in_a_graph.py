"""A loop within a traced function is unrolled, and what it calls is traced with it."""

import tensorflow as tf


@tf.function
def part(x, number):
    return x * number


@tf.function
def unrolled(x):
    for number in range(4):
        x = part(x, number)
    return x


def helper(x):
    for number in range(4):
        x = part(x, number)
    return x


@tf.function
def by_a_helper(x):
    return helper(x)


def run(batches):
    for x in batches:
        print(unrolled(x), by_a_helper(x))


def make():
    @tf.function
    def double(x):
        return x * 2

    return double


@tf.function
def made_while_tracing(x):
    for _ in range(4):
        x = make()(x)
    return x


def epochs(batches):
    for x in batches:
        print(made_while_tracing(x))
