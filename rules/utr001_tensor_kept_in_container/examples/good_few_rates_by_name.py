"""The loop goes through a short list that the function writes out under a name."""

import tensorflow as tf
from tensorflow import keras

net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])


def walk(start, rate):
    for _ in range(100):
        with tf.GradientTape() as tape:
            tape.watch(start)
            energy = tf.reduce_sum(net(start, training=False))
        start = start - rate * tape.gradient(energy, start)
    return start


def rates(start):
    sizes = [0.1, 0.05, 0.01]
    ends = []
    for size in sizes:
        ends.append(walk(start, size))
    return [end.numpy() for end in ends]


def named(start):
    kinds = ("slow", "fast")
    ends = {}
    for number, kind in enumerate(kinds):
        ends[kind] = walk(start, 0.1 * (number + 1))
    return ends


epsilons = [6 * 10e-6, 5.5 * 10e-6, 5 * 10e-6, 4.5 * 10e-6, 4 * 10e-6]
samples = []
for epsilon in epsilons:
    samples.append(walk(tf.random.uniform((128, 2)), epsilon))
print(samples[0].numpy(), rates(tf.zeros((1, 2))), named(tf.zeros((1, 2))))
