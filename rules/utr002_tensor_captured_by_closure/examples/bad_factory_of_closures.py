"""A factory returns a closure over its argument, and the loop keeps what the factory returns."""

import keras
import tensorflow as tf


def make_plotter(step, image):
    def plot(axes):
        axes.set_title(f"step {step}")
        axes.imshow(keras.ops.convert_to_numpy(image))

    return plot


def train(generator, dataset, train_step):
    plotters = []
    seed = tf.random.normal((1, 128))
    for step, real in enumerate(dataset):
        train_step(real)
        image = generator(seed, training=False)[0]
        plotters.append(make_plotter(step, image))  # expect: UTR002
    return plotters
