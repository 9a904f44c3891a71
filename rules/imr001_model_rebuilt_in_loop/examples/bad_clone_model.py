"""clone_model constructs a model as well."""

import tensorflow as tf


def federated_average(global_model, clients, rounds):
    for _ in range(rounds):
        updates = []
        for x, y in clients:
            local = tf.keras.models.clone_model(global_model)  # expect: IMR001
            local.set_weights(global_model.get_weights())
            local.compile("sgd", "mse")
            local.fit(x, y, epochs=1, verbose=0)
            updates.append(local.get_weights())
        global_model.set_weights([sum(layer) / len(clients) for layer in zip(*updates)])
    return global_model
