"""tensorflow/tensorflow#34907: predict_on_batch of batches of every size: traced anew, which only the shapes tell."""

import numpy as np
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
model.compile("adam", "mse")

for size in range(1, 300):
    model.predict_on_batch(np.ones([size, 1]))
