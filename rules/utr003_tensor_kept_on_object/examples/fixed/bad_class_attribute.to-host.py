"""The list is an attribute of the class, shared by every object."""

import tensorflow as tf


class Monitor:
    gradients = []

    @classmethod
    def watch(cls, grads):
        cls.gradients.append(tf.concat([tf.reshape(g, [-1]) for g in grads], axis=0).numpy())


def train(model, dataset, optimizer):
    loss_fn = tf.keras.losses.CategoricalCrossentropy()
    for x, y in dataset:
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x))
        grads = tape.gradient(loss, model.trainable_variables)
        Monitor.watch(grads)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))
