"""TensorArray is the list that graphs know."""

import tensorflow as tf


@tf.function
def simulate(model, state, steps):
    trajectory = tf.TensorArray(tf.float32, size=steps)
    for i in tf.range(steps):
        state = state + model(state)
        trajectory = trajectory.write(i, state)
    return trajectory.stack()
