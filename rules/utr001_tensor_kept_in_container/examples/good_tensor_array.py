"""TensorArray is the container for loops inside graphs."""

import tensorflow as tf


@tf.function
def rollout(policy, state, steps):
    states = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    for t in tf.range(steps):
        state = policy(state)
        states = states.write(t, state)
    return states.stack()


def roll_eagerly(policy, state, steps):
    states = tf.TensorArray(tf.float32, size=steps, element_shape=state.shape)
    for t in range(steps):
        state = policy(state)
        states = states.write(t, state)
    return states.stack()
