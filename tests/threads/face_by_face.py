"""serengil/deepface#857: what embeds one face calls predict(), and a loop calls it for each file."""

import glob

import cv2
import numpy as np
from tensorflow import keras

encoder = keras.models.load_model("faces.keras")


def represent(path):
    image = cv2.imread(path).astype("float32") / 255.0
    image = np.expand_dims(cv2.resize(image, (112, 112)), axis=0)
    return encoder.predict(image, verbose=0)[0].tolist()  # expect: IMR006


def gallery(folder):
    return {path: represent(path) for path in glob.glob(folder + "/*.jpg")}
