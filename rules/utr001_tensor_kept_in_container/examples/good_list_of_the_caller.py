"""Helpers that put plain data into what they are handed, and lists that the caller makes for each step."""

import tensorflow as tf

net = tf.keras.Sequential([tf.keras.layers.Dense(512, "relu")])
batches = tf.data.Dataset.from_tensor_slices(tf.random.normal((512, 64))).batch(8)


def note(kept, batch):
    kept.append(net(batch).numpy())


def note_mean(kept, batch):
    kept += [float(tf.reduce_mean(net(batch)))]


def parts(kept, batch):
    kept.append(net(batch))


def main():
    outputs, means = [], []
    for batch in batches:
        note(outputs, batch)
        note_mean(means, batch)
        both = []
        parts(both, batch)
        parts(both, batch * 2)
        print(float(tf.reduce_mean(tf.concat(both, 0))))
    print(len(outputs), len(means))


main()
