"""No loop in sight: scipy's optimizer calls the callback in each of its iterations."""

import numpy as np
import scipy.optimize
import tensorflow as tf


class Solver:
    def __init__(self, model, x, y):
        self.model, self.x, self.y = model, x, y
        self.hist = []
        self.iter = 0
        self.current_loss = None

    def loss_and_grad(self, weights):
        self.set_weights(weights)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self.model(self.x) - self.y))
        self.current_loss = loss
        grads = tape.gradient(loss, self.model.trainable_variables)
        flat = np.concatenate([g.numpy().ravel() for g in grads])
        return loss.numpy().astype(np.float64), flat.astype(np.float64)

    def set_weights(self, flat):
        for variable in self.model.trainable_variables:
            size = int(np.prod(variable.shape))
            variable.assign(np.reshape(flat[:size], variable.shape))
            flat = flat[size:]

    def callback(self, weights):
        self.iter += 1
        self.hist.append(self.current_loss)  # expect: UTR003

    def solve(self):
        start = np.concatenate([v.numpy().ravel() for v in self.model.trainable_variables])
        return scipy.optimize.minimize(self.loss_and_grad, start, jac=True, method="L-BFGS-B", callback=self.callback)
