"""A learning rate is set by a new operation in each epoch."""

import tensorflow.compat.v1 as tf
from data import batches, train_step

rate = tf.Variable(0.1, trainable=False)


def train(sess, epochs):
    for epoch in range(epochs):
        sess.run(rate.assign(0.1 * 0.95**epoch))  # expect: RES002
        for batch in batches():
            train_step(sess, batch)


if __name__ == "__main__":
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        train(session, 1000)
