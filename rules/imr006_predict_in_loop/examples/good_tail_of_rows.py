"""Slices of many rows: all but the first, all but the last, and all from behind."""

import numpy as np
from tensorflow.keras.models import load_model

model = load_model("churn.keras")
for month in range(12):
    rows = np.load(f"month{month}.npy")
    np.save(f"churn{month}.npy", model.predict(rows[1:]))
    np.save(f"reversed{month}.npy", model.predict(rows[::-1]))
    np.save(f"head{month}.npy", model.predict(rows[:-1]))
