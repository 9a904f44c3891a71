"""The list comes from a base class; the subclass fills it."""

import tensorflow as tf


class Agent:
    def __init__(self):
        self.losses = []


class DqnAgent(Agent):
    def __init__(self, network, optimizer):
        super().__init__()
        self.network = network
        self.optimizer = optimizer

    def learn(self, states, targets):
        with tf.GradientTape() as tape:
            error = tf.keras.losses.Huber()(targets, self.network(states))
        grads = tape.gradient(error, self.network.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.network.trainable_variables))
        self.losses.append(error)  # expect: UTR003


def play(env, agent, steps):
    for _ in range(steps):
        agent.learn(*env.batch())
