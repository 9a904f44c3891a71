"""tensorflow/tensorflow#21584: a total that is summed while the tape watches keeps no step: the tape is dropped."""

import tensorflow as tf

generator = tf.keras.Sequential([tf.keras.layers.Dense(8)])
discriminator = tf.keras.Sequential([tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.Adam()


def train_one_epoch(dataset):
    total_generator_loss = 0.0
    total_discriminator_loss = 0.0
    for images in dataset:
        with tf.GradientTape() as tape:
            made = generator(tf.random.normal([images.shape[0], 4]))
            generator_loss = -tf.reduce_mean(discriminator(made))
            total_generator_loss += generator_loss
            discriminator_loss = tf.reduce_mean(discriminator(made)) - tf.reduce_mean(discriminator(images))
            total_discriminator_loss += discriminator_loss
        variables = generator.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(generator_loss, variables), variables))
    return total_generator_loss, total_discriminator_loss
