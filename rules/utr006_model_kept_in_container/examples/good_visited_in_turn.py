"""Each model is picked by its index in a later loop: networks of a population."""

import keras


def evolve(size, generations, play):
    population = []
    for _ in range(size):
        network = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
        population.append(network)
    for _ in range(generations):
        scores = [play(population[index]) for index in range(size)]
        print(max(scores))
