"""rolczynski/Automatic-Speech-Recognition#26: the route makes the pipeline, whose network it loads with it."""

import os

import numpy as np
from flask import Flask, request
from tensorflow import keras

app = Flask(__name__)


class Pipeline:
    def __init__(self, language):
        self.language = language
        self.network = keras.models.load_model(os.path.join("speech", "deepspeech2.h5"))

    def text(self, sound):
        codes = np.argmax(self.network.predict(sound), axis=-1)[0]  # expect: IMR006
        return "".join(chr(97 + code) for code in codes)


@app.route("/listen", methods=["POST"])
def listen():
    file = request.files["sound"]
    sound = np.frombuffer(file.read(), dtype=np.float32)
    pipeline = Pipeline("en")  # expect: IMR003
    return pipeline.text(sound[None])
