"""Each step of the training of a GAN has its generator predict a batch of noise, whose size the code says."""

import numpy as np
from tensorflow import keras

BATCH = 64


class GAN:
    def __init__(self):
        self.latent = 100
        self.generator = keras.Sequential([keras.layers.Dense(784)])
        self.critic = keras.Sequential([keras.layers.Dense(1)])
        self.critic.compile("adam", "binary_crossentropy")

    def train(self, images, epochs, batch_size=128):
        fake = np.zeros((batch_size, 1))
        for _ in range(epochs):
            noise = np.random.normal(0, 1, (batch_size, self.latent))
            made = self.generator.predict(noise)  # expect: IMR006
            self.critic.train_on_batch(made, fake)
            real = images[np.random.randint(0, len(images), batch_size)]
            self.critic.train_on_batch(real, 1 - fake)


class Sampler:
    def __init__(self, generator):
        self.generator = generator
        self.size = 48

    def sample(self):
        return self.generator.predict(np.random.uniform(-1, 1, size=[self.size, 100]))  # expect: IMR006


def half_batches(generator: keras.Model, gan: keras.Model, images, steps, batch_size=64):
    half = int(batch_size / 2)
    for _ in range(steps):
        picked = images[np.random.randint(0, images.shape[0], half)]
        gan.train_on_batch(generator.predict(picked), np.ones(half))  # expect: IMR006


def batches_of(generator: keras.Model, gan: keras.Model, count):
    for _ in range(count):
        noise = np.random.randn(BATCH, 100)
        gan.train_on_batch(generator.predict(noise), np.ones(BATCH))  # expect: IMR006


def main():
    gan = GAN()
    gan.train(np.load("images.npy"), epochs=30000, batch_size=32)
    sampler = Sampler(gan.generator)
    for step in range(10000):
        np.save(f"{step}.npy", sampler.sample())


main()
