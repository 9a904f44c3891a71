"""A comprehension asks for the value of an operation that it makes for each picture."""

import tensorflow.compat.v1 as tf

tf.disable_eager_execution()


def means(session, pictures):
    return [session.run(tf.reduce_mean(picture)) for picture in pictures]  # expect: RES002


with tf.Session() as session:
    print(means(session, [[1.0, 2.0]] * 500))
