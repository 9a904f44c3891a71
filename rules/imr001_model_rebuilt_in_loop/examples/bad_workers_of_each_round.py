"""Each round appends the workers' models to a list of its own; all start from the weights of the server."""

from tensorflow import keras


class Net:
    def build(units):
        return keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(1)])


def average(shards, rounds):
    server = Net.build(32)
    for _ in range(rounds):
        workers = []
        for x, y in shards:
            worker = Net.build(32)  # expect: IMR001
            worker.compile("sgd", "mse")
            worker.set_weights(server.get_weights())
            worker.fit(x, y, epochs=2)
            workers.append(worker)
        parts = zip(*(worker.get_weights() for worker in workers))
        server.set_weights([sum(part) / len(workers) for part in parts])
    return server
