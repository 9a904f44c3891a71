"""A class of the project is called Model and holds a configuration only."""

import random

import tensorflow as tf


class Model:
    def __init__(self, layers, units):
        self.layers = layers
        self.units = units
        self.fitness = None

    def mutate(self):
        self.units = max(1, self.units + random.randint(-4, 4))


def random_population(size):
    print("TensorFlow", tf.__version__)
    population = []
    for _ in range(size):
        model = Model(random.randint(1, 4), random.choice([16, 32, 64]))
        model.mutate()
        population.append(model)
    return population
