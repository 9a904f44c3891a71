"""What is joined is used as a tensor afterwards: by a loss, a caller, another operation."""

import tensorflow as tf


def returned(model, dataset):
    outputs = []
    for batch, _ in dataset:
        outputs.append(model(batch, training=False))
    return tf.concat(outputs, axis=0)


def searched(model, dataset, query):
    rows = []
    for batch in dataset:
        rows.append(model(batch, training=False))
    index = tf.concat(rows, axis=0)
    print(index.numpy().shape)
    return tf.linalg.matmul(index, query)


def kept(model, dataset, state):
    rows = []
    for batch in dataset:
        rows.append(model(batch, training=False))
    state.bank = tf.concat(rows, axis=0)


def judged(path, dataset):
    model = tf.keras.models.load_model(path)
    found = []
    for batch in dataset:
        found.append(model(batch))
    found = tf.concat(found, axis=0)
    found = model(found)
    return found.numpy()
