"""Operations for each threshold, joined to one; only their variables are initialised where they are made."""

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.compat.v1.keras import backend as K

tf.disable_v2_behavior()


def precision(labels, scores):
    found = []
    for threshold in np.arange(0.5, 1.0, 0.05):
        hits = tf.to_int32(scores > threshold)
        score, update = tf.metrics.precision(labels, hits)
        K.get_session().run(tf.local_variables_initializer())
        with tf.control_dependencies([update]):
            score = tf.identity(score)
        found.append(score)
    return K.mean(K.stack(found))


with tf.Session() as sess:
    truth, guesses = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32, [None])
    result = precision(truth, guesses)
    for _ in range(100):
        sess.run(result, {truth: [0, 1], guesses: [0.2, 0.7]})
