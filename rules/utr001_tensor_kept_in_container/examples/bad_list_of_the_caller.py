"""Helpers that put what a model of the module gives into a list, a dict or a part of what they are handed."""

import tensorflow as tf

net = tf.keras.Sequential([tf.keras.layers.Dense(512, "relu")])
batches = tf.data.Dataset.from_tensor_slices(tf.random.normal((512, 64))).batch(8)


def note(kept, batch):
    kept.append(net(batch))  # expect: UTR001


def note_by_step(kept, batch, step):
    kept[step] = net(batch)  # expect: UTR001


def note_added(kept, batch):
    kept += [net(batch)]  # expect: UTR001


def note_named(kept, batch):
    kept["hidden"].append(net(batch))  # expect: UTR001


def main():
    outputs, by_step, added, named = [], {}, [], {"hidden": []}
    for step, batch in enumerate(batches):
        note(outputs, batch)
        note_by_step(by_step, batch, step)
        note_added(added, batch)
        note_named(named, batch)
    print(len(outputs), len(by_step), len(added), len(named["hidden"]))


main()
