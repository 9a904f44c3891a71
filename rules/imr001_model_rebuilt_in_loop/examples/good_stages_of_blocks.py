"""The blocks of each stage are in a list of its own, and the stages in one list: parts of a network."""

from tensorflow import keras


def stages(depths, weights, x, y):
    network = []
    for depth in depths:
        blocks = []
        for width in depth:
            block = keras.Sequential([keras.layers.Dense(width), keras.layers.Dense(width)])
            block.compile("adam", "mse")
            block.set_weights(weights[width])
            block.fit(x, y)
            blocks.append(block)
        network.append(blocks)
    return network
