"""Each line is typed by a person, who is slower than any pipeline."""

import sys

import numpy as np
from keras.models import load_model

net = load_model("chat.h5")
while True:
    line = sys.stdin.readline()
    print(net.predict(np.array([[len(line)]])))
