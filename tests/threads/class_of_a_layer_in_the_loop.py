"""tensorflow/tensorflow#43555: the class of a layer is defined in the loop, and a model of it made and asked."""

import tensorflow as tf

for _ in range(10):

    class Scale(tf.keras.layers.Layer):
        def call(self, inputs, training=None):
            return 2 * inputs

    tokens = tf.keras.Input(shape=(1,))
    model = tf.keras.Model(inputs=tokens, outputs=Scale()(tokens))  # expect: IMR001
    print(model.predict(x=tf.constant([[0.0], [1.0], [3.0]]), batch_size=1))
