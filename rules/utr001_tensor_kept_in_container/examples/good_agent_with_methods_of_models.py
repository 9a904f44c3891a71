"""An agent of the project's own has methods that models have too: then they tell nothing."""

import tensorflow as tf


class Agent:
    def __init__(self, path):
        self.table = {}
        self.path = path

    def train_on_batch(self, rows):
        self.table.update(rows)

    def get_layer(self, name):
        return self.table[name]

    def __call__(self, state):
        return self.table.get(state, 0.0)


def play(agent, states):
    values = []
    for state in states:
        agent.train_on_batch({state: 1.0})
        values.append(agent(state))
        tf.summary.scalar("value", values[-1], step=len(values))
    return agent.get_layer("first"), values


def layers_of(model):
    shapes = []
    for layer in model.layers:
        shapes.append(layer.trainable_weights)
        shapes.append(layer(None))
    return shapes
