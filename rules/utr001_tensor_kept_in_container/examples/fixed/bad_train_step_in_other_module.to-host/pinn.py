"""A network with its training step."""

import tensorflow as tf


class Pinn(tf.keras.Model):
    def __init__(self, units):
        super().__init__()
        self.hidden = tf.keras.layers.Dense(units, activation="tanh")
        self.out = tf.keras.layers.Dense(1)
        self.opt = tf.keras.optimizers.Adam()

    def call(self, x):
        return self.out(self.hidden(x))

    @tf.function
    def train(self, x, u):
        with tf.GradientTape() as tape:
            loss_pde = tf.reduce_mean(tf.square(self(x)))
            loss_bc = tf.reduce_mean(tf.square(self(x) - u))
            loss_glb = loss_pde + loss_bc
        grads = tape.gradient(loss_glb, self.trainable_variables)
        self.opt.apply_gradients(zip(grads, self.trainable_variables))
        return loss_glb, loss_pde, loss_bc
