"""Lists that a request makes, and an object that is made for each request, end with it."""

import keras
import tensorflow as tf
from flask import Flask, request
from flask.views import MethodView

app = Flask(__name__)
net = keras.models.load_model("labels.keras")
LAST = {}


class Label(MethodView):
    def __init__(self):
        self.outs = []

    def post(self):
        self.outs.append(net(tf.constant(request.json["rows"]), training=False))
        return str(self.outs[0].numpy().tolist())


@app.post("/label")
def label():
    parts = []
    parts.append(net(tf.constant(request.json["rows"]), training=False))
    LAST["answer"] = parts[0]
    return str(parts[0].numpy().tolist())
