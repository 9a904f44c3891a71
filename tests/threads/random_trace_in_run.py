"""tensorflow/tensorflow#5205: what is run is made in the call of run()."""

import numpy as np
import tensorflow as tf


def trajectory(times, share, session=None):
    sess = tf.Session() if session is None else session
    values = np.zeros(len(times))
    for number, _ in enumerate(times):
        if np.random.rand() > share:
            values[number] = sess.run(tf.trace(tf.random_normal((4, 4), 0.0, 1.0)))  # expect: RES002
    if session is None:
        sess.close()
    return values


print(trajectory(np.arange(0.0, 1000.0), 0.1).mean())
