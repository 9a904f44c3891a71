"""What is asked of the upload says nothing about the model."""

import os

from flask import Flask, request
from keras.models import load_model

app = Flask(__name__)


def is_picture(name):
    return name.lower().endswith((".png", ".jpg"))


def classify(path):
    model = load_model(os.path.abspath("moods.keras"), compile=False)
    return model.predict(read(path))


@app.route("/", methods=["POST"])
def mood():
    upload = request.files["image"]
    if upload and is_picture(upload.filename):
        path = os.path.join("uploads", upload.filename)
        upload.save(path)
        return str(classify(path))  # expect: IMR003
    return "no picture", 400
