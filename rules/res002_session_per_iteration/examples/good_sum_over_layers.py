"""A loss is put together over layers, once, with what a session has computed of each of them."""

import tensorflow.compat.v1 as tf

tf.disable_eager_execution()


def loss_of(values, layer, weight):
    return weight * tf.reduce_sum(tf.pow(layer - values, 2))


def content_loss(session, network, layers):
    losses = [loss_of(session.run(network[layer]), network[layer], weight) for layer, weight in layers]
    return tf.add_n(losses)


def style_loss(session, network, layers):
    return sum(loss_of(session.run(network[name]), network[name], weight) for name, weight in layers)


def main(network, layers):
    with tf.Session() as session:
        total = content_loss(session, network, layers) + style_loss(session, network, layers)
        step = tf.train.AdamOptimizer().minimize(total)
        for _ in range(1000):
            session.run(step)
