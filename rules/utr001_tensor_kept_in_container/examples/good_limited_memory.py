"""L-BFGS keeps the last few directions: the oldest one is removed when the list is full."""

import tensorflow as tf


def lbfgs(opfunc, x, max_iter, n_correction):
    old_dirs, old_steps, recent = [], [], []
    f, g = opfunc(x)
    for _ in range(max_iter):
        x_new = x - 0.1 * g
        f, g_new = opfunc(x_new)
        if len(old_dirs) == n_correction:
            del old_dirs[0]
            old_steps.pop(0)
        old_dirs.append(g_new - g)
        old_steps.append(tf.identity(x_new - x))
        recent.append(tf.norm(g_new))
        recent = recent[-5:]
        x, g = x_new, g_new
    return x
