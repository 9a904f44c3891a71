"""The with statement binds the tape to an attribute."""

import tensorflow as tf


class Pinn:
    def __init__(self, net):
        self.net = net
        self.optimizer = tf.keras.optimizers.Adam()

    def residual(self, x):
        with tf.GradientTape(persistent=True) as self.tape:
            self.tape.watch(x)
            u = self.net(x)
            u_x = self.tape.gradient(u, x)
        result = self.tape.gradient(u_x, x)
        del self.tape
        return result

    def train(self, points, steps):
        for _ in range(steps):
            with tf.GradientTape() as outer:
                loss = tf.reduce_mean(tf.square(self.residual(points)))
            grads = outer.gradient(loss, self.net.trainable_variables)
            self.optimizer.apply_gradients(zip(grads, self.net.trainable_variables))
