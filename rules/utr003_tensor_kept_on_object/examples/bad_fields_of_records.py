"""Lists that a dataclass makes for each object."""

from dataclasses import dataclass, field

import tensorflow as tf


@dataclass
class Log:
    name: str
    losses: list = field(default_factory=list)
    outputs: dict = field(default_factory=dict)


class Trainer:
    def __init__(self, model, optimizer):
        self.model, self.optimizer = model, optimizer
        self.log = Log("first")

    def step(self, number, x, y):
        with tf.GradientTape() as tape:
            answer = self.model(x)
            loss = tf.reduce_mean(tf.square(answer - y))
        grads = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.model.trainable_variables))
        self.log.losses.append(loss)  # expect: UTR003
        self.log.outputs[number] = answer  # expect: UTR003

    def fit(self, dataset):
        for number, (x, y) in enumerate(dataset):
            self.step(number, x, y)
