"""A method keeps the last value under each of a few names, which its callers write out."""

import tensorflow as tf

net = tf.keras.Sequential([tf.keras.layers.Dense(3)])


class Bar:
    def __init__(self):
        self.values = {}

    def note(self, name, value):
        self.values[name] = value
        return f"{name}: {value}"


def watch(batches, solutions):
    bar = Bar()
    for x in batches:
        out = net(x)
        print(bar.note("train/loss", out))
        for solution in solutions:
            print(bar.note(f"val/{solution}", net(x)))


watch(tf.data.Dataset.from_tensor_slices(tf.zeros((64, 2))).batch(8), ["u", "v"])
