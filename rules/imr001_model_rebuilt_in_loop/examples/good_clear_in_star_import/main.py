"""The helper that clears comes from a star import."""

from tensorflow.keras import layers, models
from utils import *


class Particle:
    def __init__(self, units):
        self.units = units
        self.fitness = 0.0

    def evaluate_fitness(self, x, y):
        reset_keras()
        model = models.Sequential([layers.Dense(self.units, activation="relu"), layers.Dense(1)])
        model.compile("adam", "mse")
        self.fitness = -model.fit(x, y, epochs=2, verbose=0).history["loss"][-1]


def run_swarm(x, y, iterations):
    swarm = [Particle(units) for units in (4, 8, 16, 32)]
    for _ in range(iterations):
        for particle in swarm:
            particle.evaluate_fitness(x, y)
    return max(swarm, key=lambda particle: particle.fitness)
