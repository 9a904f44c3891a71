"""Training steps that return numbers."""

import tensorflow as tf

loss_fn = tf.keras.losses.MeanSquaredError()


class Trainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = tf.keras.optimizers.Adam()

    def step(self, x, y):
        loss, norm = self._step(x, y)
        return float(loss), norm.numpy()

    @tf.function
    def _step(self, x, y):
        with tf.GradientTape() as tape:
            loss = loss_fn(y, self.model(x))
        grads = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.model.trainable_variables))
        return loss, tf.linalg.global_norm(grads)


def deprocess_image(image):
    image = (image - tf.reduce_mean(image)) / (tf.math.reduce_std(image) + 1e-5)
    return tf.clip_by_value(image * 0.15 + 0.5, 0, 1).numpy()
