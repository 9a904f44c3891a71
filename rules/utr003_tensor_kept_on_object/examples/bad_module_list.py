"""The lists are global names of the module; the functions append to them in every step."""

import tensorflow as tf

disc_loss_list = []
gen_loss_list = []
bce = tf.keras.losses.BinaryCrossentropy(from_logits=True)


@tf.function
def train_step(gan, images):
    with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
        fake = gan.generator(tf.random.normal((64, 100)))
        g_loss = bce(tf.ones((64, 1)), gan.discriminator(fake))
        d_loss = bce(tf.zeros((64, 1)), gan.discriminator(fake)) + bce(tf.ones((64, 1)), gan.discriminator(images))
    gan.g_opt.apply_gradients(zip(g_tape.gradient(g_loss, gan.g_vars), gan.g_vars))
    gan.d_opt.apply_gradients(zip(d_tape.gradient(d_loss, gan.d_vars), gan.d_vars))
    return d_loss, g_loss


def train(gan, dataset, epochs):
    for _ in range(epochs):
        for images in dataset:
            d_loss, g_loss = train_step(gan, images)
            disc_loss_list.append(d_loss)  # expect: UTR003
            gen_loss_list.append(g_loss)  # expect: UTR003
