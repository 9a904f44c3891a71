"""`fit` compiles train_step into a tf.function."""

import tensorflow as tf


class Autoencoder(tf.keras.Model):
    def __init__(self, coder):
        super().__init__()
        self.coder = coder
        self.step_losses = []

    def call(self, x):
        return self.coder(x)

    def train_step(self, data):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self(data, training=True) - data))
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
        self.step_losses.append(loss)  # expect: UTR005
        return {"loss": loss}
