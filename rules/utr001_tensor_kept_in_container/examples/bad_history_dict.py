"""The lists are values of a history dictionary."""

from collections import defaultdict

import tensorflow as tf


@tf.function
def gan_step(generator, discriminator, real):
    fake = generator(tf.random.normal((real.shape[0], 64)))
    real_score, fake_score = discriminator(real), discriminator(fake)
    return -tf.reduce_mean(fake_score), tf.reduce_mean(fake_score) - tf.reduce_mean(real_score)


def train(generator, discriminator, dataset, epochs):
    history = {"g_loss": [], "d_loss": []}
    by_epoch = defaultdict(list)
    for epoch in range(epochs):
        for real in dataset:
            g_loss, d_loss = gan_step(generator, discriminator, real)
            history["g_loss"].append(g_loss)  # expect: UTR001
            history["d_loss"].append(d_loss)  # expect: UTR001
            by_epoch[epoch].append(d_loss)  # expect: UTR001
    return history, by_epoch
