"""A loop loads the same file in each iteration and deletes the model."""

import time

from tensorflow.keras.models import load_model

for attempt in range(100):
    net = load_model("net.keras")  # expect: IMR003
    print(attempt, net.count_params())
    del net
    time.sleep(1)
