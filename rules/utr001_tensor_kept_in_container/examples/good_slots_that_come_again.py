"""Slots of a list are written over and over; numbers are added to what may be a list for others."""

import keras
import tensorflow as tf

net = keras.models.load_model("net.keras")


def unroll(cells, xs, count):
    states = [None] * count
    for x in xs:
        for number in range(count):
            x, states[number] = cells[number](x, states[number])
    return states


def last_four(xs):
    last = [None] * 4
    for step, x in enumerate(xs):
        last[step % 4] = net(x)
    return last


def drawn(x, count):
    samples = [None] * count
    for number in range(count):
        samples[number] = net(x, training=True).numpy()
    return samples


def rows_so_far(state, batches):
    total = state["rows"]
    for batch in batches:
        total += tf.shape(batch)[0]
    return total


print(rows_so_far({"rows": []}, []), rows_so_far({"rows": 0}, [net.weights[0]]))
