"""A function that a loop calls makes a model with the weights of ImageNet each time."""

import numpy as np
from tensorflow.keras.applications import VGG16
from tensorflow.keras.applications.vgg16 import preprocess_input


def features(image):
    network = VGG16(weights="imagenet", include_top=False, pooling="avg")
    return network.predict(preprocess_input(image))


def describe(images):
    return np.vstack([features(image) for image in images])  # expect: IMR003
