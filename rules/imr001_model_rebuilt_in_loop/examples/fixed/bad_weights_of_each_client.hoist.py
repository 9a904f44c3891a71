"""A model for each client of each round gets the weights of the central one."""

from tensorflow import keras


def create(width):
    net = keras.Sequential([keras.Input((width,)), keras.layers.Dense(1)])
    net.compile(keras.optimizers.SGD(0.1), "mse")
    return net


def train(rounds, clients):
    central = create(8)
    client = create(8)
    for _ in range(rounds):
        found = []
        for x, y in clients:
            client.set_weights(central.get_weights())
            client.fit(x, y, verbose=0)
            found.append(client.get_weights())
        central.set_weights([sum(parts) / len(parts) for parts in zip(*found)])
    return central
