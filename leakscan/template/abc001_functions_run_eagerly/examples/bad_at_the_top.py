"""The switch stands at the top of a script."""

import tensorflow as tf

tf.config.run_functions_eagerly(True)  # expect: ABC001


@tf.function
def step(model, x):
    return model(x, training=True)
