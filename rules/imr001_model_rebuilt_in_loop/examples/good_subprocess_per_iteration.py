"""The loop starts one Python process for each candidate; this file builds a model when it is such a process."""

import json
import subprocess
import sys

from tensorflow import keras


def train(units):
    model = keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    x = keras.ops.ones((32, 2))
    return model.fit(x, x[:, :1], verbose=0).history["loss"][-1]


def search(sizes):
    losses = {}
    for units in sizes:
        output = subprocess.run([sys.executable, __file__, str(units)], capture_output=True, check=True).stdout
        losses[units] = json.loads(output)
    return losses


if __name__ == "__main__":
    print(json.dumps(train(int(sys.argv[1])) if len(sys.argv) > 1 else search([8, 16, 32])))
