"""A series is predicted step by step, each from the last window."""

import numpy as np
from tensorflow import keras

model = keras.models.load_model("tides.keras")
series = np.load("tides.npy").reshape(-1, 48, 1)
window = series[-1:]
heights = []
for hour in range(24 * 14):
    answer = model.predict(window[-1:], verbose=0)  # expect: IMR006
    heights.append(answer[0, 0])
    window = np.append(window[:, 1:], answer[:, None], axis=1)
