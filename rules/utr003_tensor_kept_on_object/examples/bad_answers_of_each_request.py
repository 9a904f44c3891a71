"""A handler keeps what its model said to each request in a list of the module."""

import keras
import tensorflow as tf
from flask import Flask, request

app = Flask(__name__)
net = keras.models.load_model("labels.keras")
ANSWERS = []


@app.post("/label")
def label():
    out = net(tf.constant(request.json["rows"]), training=False)
    ANSWERS.append(out)  # expect: UTR003
    return str(out.numpy().tolist())
