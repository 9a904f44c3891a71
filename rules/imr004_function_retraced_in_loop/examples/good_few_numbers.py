"""A number that is one of a few is traced once for each of them: remainders, steps of a schedule, limits."""

import tensorflow as tf


@tf.function
def scale(batch, factor):
    return batch * factor


def alternate(batches):
    for step, batch in enumerate(batches):
        scale(batch, step % 2)
        scale(batch, step % 4 + 1)


def staircase(batches):
    for step, batch in enumerate(batches):
        scale(batch, step // 10000)
        scale(batch, step // 10000 * 2)
        scale(batch, int(step / 10000))


def limited(batches):
    for step, batch in enumerate(batches):
        scale(batch, min(step, 3))
        scale(batch, float(step > 100))


def halved(batches):
    rate = 0.1
    for step, batch in enumerate(batches):
        if step % 10000 == 0:
            rate *= 0.5
        scale(batch, rate)


def as_tensor(batches):
    for step, batch in enumerate(batches):
        scale(batch, tf.constant(1.0 - step * 1e-6))
