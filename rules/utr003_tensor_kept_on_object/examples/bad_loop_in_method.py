"""The loop is in the method itself, and the list belongs to the object."""

import keras
import tensorflow as tf


class StyleTransfer:
    def __init__(self, extractor, targets):
        self.extractor = extractor
        self.targets = targets
        self.features = []
        self.losses = {"content": [], "style": []}

    def run(self, image, steps):
        optimizer = keras.optimizers.Adam(0.02)
        for _ in range(steps):
            with tf.GradientTape() as tape:
                feature = self.extractor(image)
                content = tf.reduce_mean(tf.square(feature - self.targets))
                style = tf.image.total_variation(image)[0]
            gradient = tape.gradient(content + style, image)
            optimizer.apply([gradient], [image])
            self.features.append(feature)  # todo: UTR003
            self.losses["content"].append(content)  # expect: UTR003
            self.losses["style"].append(style)  # expect: UTR003
