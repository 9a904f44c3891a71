"""tf.py_function appends to a list that is an attribute of the function object."""

import tensorflow as tf


def function_factory(model, loss, x, y):
    @tf.function
    def f(params):
        model.assign_params(params)
        with tf.GradientTape() as tape:
            loss_value = loss(y, model(x, training=True))
        grads = tape.gradient(loss_value, model.trainable_variables)
        tf.py_function(f.history.append, inp=[loss_value], Tout=[])  # expect: UTR003
        return loss_value, tf.concat([tf.reshape(g, [-1]) for g in grads], 0)

    f.history = []
    return f


def minimise(model, x, y, start, steps, rate):
    f = function_factory(model, tf.keras.losses.MeanSquaredError(), x, y)
    for _ in range(steps):
        _, gradient = f(start)
        start = start - rate * gradient
    return f.history
