"""A server predicts the row of each request."""

import keras
import numpy as np
from flask import Flask, jsonify, request

app = Flask(__name__)
network = keras.models.load_model("prices.keras")


@app.route("/price", methods=["POST"])
def price():
    row = np.array([request.get_json()["features"]], "float32")
    return jsonify(float(network.predict(row, verbose=0)[0, 0]))  # expect: IMR006
