"""Genetic search: the model is built three calls away, in files that the loop's file does not import."""

import random

from genome import Individual

CHOICES = {"layers": [1, 2, 3], "neurons": [64, 128], "activation": ["relu", "elu"], "optimizer": ["adam", "sgd"]}


def evolve(dataset, generations, size):
    population = [Individual({key: random.choice(options) for key, options in CHOICES.items()}) for _ in range(size)]
    for _ in range(generations):
        for individual in population:
            individual.train(dataset)  # expect: IMR001
        population.sort(key=lambda individual: individual.accuracy, reverse=True)
        population = population[: size // 2] + [Individual(random.choice(population).genome) for _ in range(size // 2)]
    return population[0]
