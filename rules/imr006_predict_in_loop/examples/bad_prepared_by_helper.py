"""A helper of the project makes one picture ready."""

import glob

import keras
import numpy as np

network = keras.applications.MobileNetV2()


def load(path):
    picture = keras.utils.load_img(path, target_size=(224, 224))
    array = keras.utils.img_to_array(picture)
    return np.array([array]) / 127.5 - 1


def main(pattern):
    for path in glob.glob(pattern):
        batch = load(path)
        answer = network.predict(batch)  # expect: IMR006
        print(path, answer.argmax())
