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
        outputs.append(out)  # expect: UTR001
        outputs += [model(y, training=True)]  # expect: UTR001
    total = 0.0
    for output in outputs:
        total += float(tf.reduce_sum(output))
    print(np.std([float(tf.reduce_sum(output)) for output in outputs]))
    return total
