"""Nested persistent tapes for higher derivatives, in a function that returns only derivatives."""

import tensorflow as tf


def derivatives(net, t, x):
    with tf.GradientTape(persistent=True) as outer:
        outer.watch([t, x])
        with tf.GradientTape(persistent=True) as inner:
            inner.watch([t, x])
            u = net(tf.concat([t, x], axis=1))
        u_t, u_x = inner.gradient(u, t), inner.gradient(u, x)
    u_xx = outer.gradient(u_x, x)
    del inner, outer
    return u, u_t, u_x, u_xx


def residual_norms(net, batches):
    norms = []
    for t, x in batches:
        u, u_t, u_x, u_xx = derivatives(net, t, x)
        norms.append(float(tf.norm(u_t + u * u_x - 0.01 * u_xx)))
    return norms
