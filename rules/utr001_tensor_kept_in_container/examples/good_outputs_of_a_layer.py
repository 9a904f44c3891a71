"""A list of what one call of a layer or model gives lives as long as that call."""

import tensorflow as tf
from tensorflow import keras


@tf.function
def drop(image, training, rate):
    if not training:
        return image
    return image * tf.floor(rate + tf.random.uniform(tf.shape(image)[:1]))


class Boxes(keras.layers.Layer):
    def __init__(self, levels, repeats):
        super().__init__()
        self.levels, self.repeats = levels, repeats
        self.convolutions = [keras.layers.Conv2D(8, 3, padding="same") for _ in range(repeats)]
        self.norms = [[keras.layers.BatchNormalization() for _ in range(levels)] for _ in range(repeats)]

    def call(self, inputs, training):
        boxes = []
        for level in range(self.levels):
            image = inputs[level]
            for number in range(self.repeats):
                image = self.norms[number][level](self.convolutions[number](image), training=training)
                image = drop(image, training, 0.8)
            boxes.append(tf.reshape(image, (-1, 4)))
        return tuple(boxes)


class Unrolled(keras.Model):
    def __init__(self, steps):
        super().__init__()
        self.steps = steps
        self.cell = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(8)])

    def call(self, rows):
        states = {}
        for step in range(self.steps):
            rows = drop(self.cell(rows), True, 0.9)
            states[step] = tf.nn.relu(rows)
        return states


class Scales(keras.layers.Layer):
    def __init__(self, net, scales):
        super().__init__()
        self.net, self.scales = net, scales

    def __call__(self, image):
        outputs = []
        for scale in self.scales:
            outputs += [drop(self.net(tf.image.resize(image, scale)), False, 0.9)]
        return outputs


net = Boxes(5, 3)
print(net([tf.zeros((1, 8, 8, 8))] * 5, training=False))
