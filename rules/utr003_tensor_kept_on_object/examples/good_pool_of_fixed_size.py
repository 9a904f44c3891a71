"""A pool takes new images only while it is shorter than its size; later ones replace old ones."""

import random

import tensorflow as tf


class ImagePool:
    def __init__(self, size=50):
        self.size = size
        self.images = []

    def exchange(self, image):
        if len(self.images) < self.size:
            self.images.append(image)
            return image
        index = random.randrange(self.size)
        old, self.images[index] = self.images[index], image
        return old


def train(generator, dataset, train_step):
    pool = ImagePool()
    for noise in dataset:
        fake = generator(noise, training=True)
        old = pool.exchange(fake)
        print(float(tf.reduce_mean(old)), train_step(old))
