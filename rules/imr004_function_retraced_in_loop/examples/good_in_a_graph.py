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
