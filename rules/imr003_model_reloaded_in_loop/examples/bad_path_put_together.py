"""The path is put together in each iteration, always the same one."""

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

ROOT = Path(__file__).parent


def weights_file():
    return ROOT / "exported" / "detector.keras"


def detect(folder):
    for name in os.listdir(folder):
        detector = tf.keras.models.load_model(weights_file())  # expect: IMR003
        print(name, detector.predict(np.load(os.path.join(folder, name))))
