"""What is traced differs: another model, another layer, another kind of loss in each iteration."""

import tensorflow as tf
from tensorflow.keras import backend as K


def compare(nets, x):
    for net in nets:
        traced = tf.function(net)
        print(traced(x))


def layers(net, x):
    for layer in net.layers:
        read = K.function([net.input], [layer.output])
        print(read([x])[0].shape)


def trained(build, folds):
    for x, y in folds:
        net = build()

        @tf.function
        def step(a, b):
            return tf.reduce_mean((net(a) - b) ** 2)

        print(float(step(x, y)))


def kinds(net, x, powers):
    for power in powers:

        @tf.function
        def loss(a):
            return tf.reduce_mean(net(a) ** power)

        print(float(loss(x)))
