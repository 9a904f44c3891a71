"""The loss is a value of a function that the optimizer gets as a parameter."""

import tensorflow as tf


def gradient_descent(opfunc, x, max_iter, rate):
    f_hist = []
    f, g = opfunc(x)
    f_hist.append(f)
    for _ in range(max_iter):
        x = x - rate * g
        f, g = opfunc(x)
        f_hist.append(f)  # expect: UTR001
        if tf.reduce_max(tf.abs(g)) < 1e-6:
            break
    return x, f_hist


def rosenbrock(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = (1.0 - x[0]) ** 2 + 100.0 * (x[1] - x[0] ** 2) ** 2
    return value, tape.gradient(value, x)


if __name__ == "__main__":
    print(gradient_descent(rosenbrock, tf.constant([0.0, 0.0]), 1000, 1e-3)[0])
