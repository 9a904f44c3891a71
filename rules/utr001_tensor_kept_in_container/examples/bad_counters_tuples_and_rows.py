"""Dicts by a counter that starts at a number, tuples that grow, lists of lists, records."""

from collections import namedtuple

import tensorflow as tf

Step = namedtuple("Step", "state value")


def by_step(net, dataset):
    kept = {}
    step = 0
    for batch in dataset:
        kept[step] = net(batch, training=False)  # expect: UTR001
        step += 1
    return kept


def in_a_tuple(net, dataset):
    seen = ()
    for batch in dataset:
        seen += (net(batch, training=False),)  # expect: UTR001
    return seen


def in_another_tuple(net, dataset):
    seen = ()
    for batch in dataset:
        seen = seen + (net(batch, training=False),)  # expect: UTR001
    return seen


def in_rows(net, dataset, epochs):
    rows = []
    for _ in range(epochs):
        row = []
        for batch in dataset:
            row.append(net(batch, training=False))
        rows.append(row)  # expect: UTR001
    return rows


def in_records(net, env, steps):
    memory = []
    state = env.reset()
    for _ in range(steps):
        value = net(tf.constant(state)[None], training=False)
        memory.append(Step(state, value))  # expect: UTR001
        state, reward, done, info = env.step(0)
    return memory
