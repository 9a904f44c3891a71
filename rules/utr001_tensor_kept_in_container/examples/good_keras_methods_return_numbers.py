"""predict, evaluate, train_on_batch, test_on_batch and fit return plain data."""

import keras
import numpy as np


def adversarial_training(gan, discriminator, generator, batches, x_test, y_test):
    d_losses, g_losses, images, scores, curves = [], [], [], [], []
    for real in batches:
        noise = np.random.normal(size=(len(real), 100))
        fake = generator.predict_on_batch(noise)
        d_loss = discriminator.train_on_batch(np.concatenate([real, fake]), np.repeat([1.0, 0.0], len(real)))
        g_loss = gan.train_on_batch(noise, np.ones(len(real)))
        d_losses.append(0.5 * np.add(d_loss, 0.0))
        g_losses.append(g_loss)
        images.append(generator.predict(x_test, verbose=0)[0])
        scores.append(discriminator.evaluate(x_test, y_test, verbose=0))
        scores.append(discriminator.test_on_batch(x_test, y_test))
        history = generator.fit(noise, real, epochs=1, verbose=0)
        curves.append(history.history["loss"][0])
    return d_losses, g_losses, images, scores, curves


def build_generator():
    return keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(784)])
