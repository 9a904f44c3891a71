"""keras-team/keras#9967: loaded once, and asked about one set of features in each request."""

import numpy as np
import tensorflow as tf
from flask import Flask, request
from keras.models import load_model

app = Flask(__name__)
model = load_model("./models/mymodel.h5")
graph = tf.get_default_graph()


def classify(features):
    with graph.as_default():
        answer = np.squeeze(model.predict(features))  # expect: IMR006
    return (1, answer) if answer > 0.5 else (0, 1 - answer)


@app.route("/classify", methods=["POST"])
def handle():
    label, score = classify(np.array([request.get_json()["features"]]))
    return {"label": label, "score": float(score)}
