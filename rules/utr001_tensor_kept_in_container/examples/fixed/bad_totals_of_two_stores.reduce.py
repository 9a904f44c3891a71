"""Two places fill one list, and a loop adds up what is in it."""

import numpy as np
import tensorflow as tf


def evaluate(model, optimizer, dataset):
    outputs = []
    for x, y in dataset:
        with tf.GradientTape() as tape:
            out = model(x, training=True)
            loss = tf.reduce_mean(tf.square(out - y))
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        outputs.append(float(tf.reduce_sum(out)))
        outputs += [float(tf.reduce_sum(model(y, training=True)))]
    total = 0.0
    for output in outputs:
        total += output
    print(np.std(outputs))
    return total
