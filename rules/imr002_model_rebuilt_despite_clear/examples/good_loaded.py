"""Models that are read from files."""

import glob

import keras
from data import x, y

for path in glob.glob("*.keras"):
    keras.backend.clear_session()
    print(path, keras.models.load_model(path).evaluate(x, y))
