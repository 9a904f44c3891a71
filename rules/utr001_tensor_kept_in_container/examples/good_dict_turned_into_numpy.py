"""Each value of the dict has become NumPy before the dict is kept."""

import tensorflow as tf
from tensorflow import keras

net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])


def by_key(dataset):
    samples = []
    for sample in dataset:
        for key in sample:
            sample[key] = sample[key].numpy()[0]
        samples += [sample]
    return samples


def by_keys(batches):
    answers = []
    for rows in batches:
        found = {"mean": tf.reduce_mean(net(rows)), "all": net(rows)}
        for key in list(found.keys()):
            found[key] = found[key].numpy()
        answers.append(found)
    return answers


def by_items(rows, steps):
    history = []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(net(rows) ** 2)
        gradients = tape.gradient(loss, net.trainable_variables)
        record = {"loss": loss, "norm": tf.linalg.global_norm(gradients)}
        for name, value in record.items():
            record[name] = float(value)
        history.append(record)
    return history


by_key(tf.data.Dataset.from_tensor_slices({"x": [1.0]}).batch(1))
