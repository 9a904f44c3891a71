"""A function makes the step and the list that it fills; the loop is elsewhere."""

import tensorflow as tf


def make_step(model, optimizer):
    outputs = []

    def step(x, y):
        with tf.GradientTape() as tape:
            answer = model(x)
            loss = tf.reduce_mean(tf.square(answer - y))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))
        outputs.append(answer)  # expect: UTR001
        return loss

    return step, outputs


def train(dataset, network):
    step, outputs = make_step(network, tf.keras.optimizers.Adam())
    for x, y in dataset:
        step(x, y)
    return outputs
