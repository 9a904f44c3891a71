"""The function is traced because it is passed to tf.function."""

import tensorflow as tf

activations = {}


def forward(model, x):
    hidden = tf.nn.relu(model(x))
    activations.setdefault("hidden", []).append(hidden)  # expect: UTR005
    return tf.reduce_sum(hidden)


traced_forward = tf.function(forward)


def run(model, batches):
    for x in batches:
        traced_forward(model, x)
