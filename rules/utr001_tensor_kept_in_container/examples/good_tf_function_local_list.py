"""A list inside a tf.function that is stacked there never sees an eager tensor."""

import tensorflow as tf


@tf.function
def unroll(cell, inputs, state):
    outputs = []
    for t in range(16):
        output, state = cell(inputs[:, t], state)
        outputs.append(output)
    return tf.stack(outputs, axis=1), state


def train(cell, dataset, optimizer):
    for x, y, state in dataset:
        with tf.GradientTape() as tape:
            outputs, _ = unroll(cell, x, state)
            loss = tf.reduce_mean(tf.square(outputs - y))
        optimizer.apply_gradients(zip(tape.gradient(loss, cell.trainable_weights), cell.trainable_weights))
