"""Another program has just written the file."""

import os
import subprocess

import keras
from flask import Flask

app = Flask(__name__)
PATH = "net.keras"


@app.post("/train")
def train():
    subprocess.run(["python", "train.py"], check=True)
    app.config["net"] = keras.models.load_model(PATH)
    return "ok"


def rounds():
    for _ in range(20):
        os.system("python train.py")
        print(keras.models.load_model(PATH).count_params())
