"""A fitness that trains is registered in a toolbox of DEAP, whose algorithms call it for each individual."""

import keras
from deap import algorithms, base


def fitness(individual):
    model = keras.Sequential([keras.layers.Dense(units) for units in individual])
    model.compile("sgd", "mse")
    history = model.fit([[0.0], [1.0]], [0.0, 1.0], verbose=0)
    return (history.history["loss"][-1],)


def evolve(population):
    toolbox = base.Toolbox()
    toolbox.register("evaluate", fitness)  # expect: IMR007
    return algorithms.eaSimple(population, toolbox, cxpb=0.5, mutpb=0.2, ngen=40)
