"""scope-ml/scope-ml#187: predict() on the rows of each file: large calls, each other data."""

import glob

import pandas as pd
from tensorflow import keras

classifier = keras.models.load_model("stars.h5")
for path in sorted(glob.glob("features/*.parquet")):
    features = pd.read_parquet(path)
    features["variable"] = classifier.predict(features.to_numpy())
    features.to_parquet(path.replace("features", "predictions"))
