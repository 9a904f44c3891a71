"""The whole training is a list comprehension over its steps."""

import tensorflow as tf


@tf.function
def train_step(model, optimizer, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x) - y))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_weights), model.trainable_weights))
    return loss


def train(model, optimizer, dataset):
    losses = [train_step(model, optimizer, x, y) for x, y in dataset.repeat(50)]  # expect: UTR001
    return [float(loss) for loss in losses]


def maps_of(path, folder):
    network = tf.keras.models.load_model(path)
    pictures = tf.keras.utils.image_dataset_from_directory(folder, batch_size=16)
    maps = [network(batch, training=False) for batch, _ in pictures]  # expect: UTR001
    return max(float(tf.reduce_max(item)) for item in maps)


class Sampler:
    def __init__(self):
        self.generator = tf.keras.Sequential([tf.keras.layers.Dense(784)])

    def draw(self, noise):
        return self.generator(noise, training=False)

    def many(self, count):
        return {number: self.draw(tf.random.normal([1, 64])) for number in range(count)}  # expect: UTR001
