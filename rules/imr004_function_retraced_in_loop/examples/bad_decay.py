"""What is computed from a counter is another number each time: a rate that decays, a share that grows."""

import math

import tensorflow as tf


@tf.function
def explore(values, epsilon):
    return tf.where(tf.random.uniform(tf.shape(values)) < epsilon, tf.zeros_like(values), values)


class Agent:
    def __init__(self, network):
        self.network = network
        self.steps = 0
        self.share = 1.0

    def act(self, state):
        self.steps += 1
        epsilon = max(0.05, 1.0 - self.steps * 1e-5)
        return explore(self.network(state), epsilon)

    def learn(self, batch):
        self.share = max(0.1, self.share * 0.99)
        return explore(self.network(batch), self.share)


def play(environment, network):
    agent = Agent(network)
    for state in environment:
        agent.act(state)  # expect: IMR004


def replay(memory, network):
    agent = Agent(network)
    for batch in memory:
        agent.learn(batch)  # expect: IMR004


def anneal(batches):
    epsilon = 1.0
    for batch in batches:
        explore(batch, epsilon)  # expect: IMR004
        if epsilon > 0.05:
            epsilon *= 0.995


def wave(batches):
    for step, batch in enumerate(batches):
        explore(batch, 0.5 * math.cos(math.pi * step / 1000))  # expect: IMR004


def linear(batches):
    for step, batch in enumerate(batches):
        share = 1.0 - step / 1e6
        explore(batch, share)  # expect: IMR004
