"""A loop loads the same file in each iteration and deletes the model."""

import time

from tensorflow.keras.models import load_model

net = load_model("net.keras")
for attempt in range(100):
    print(attempt, net.count_params())
    time.sleep(1)
