"""A view of Flask loads the model for each request."""

import numpy as np
from flask import Flask, jsonify, request
from tensorflow import keras

app = Flask(__name__)
MODEL_FILE = "prices.keras"


@app.route("/price", methods=["POST"])
def price():
    rows = np.asarray(request.get_json()["rows"])
    if rows.ndim == 2:
        model = keras.models.load_model(MODEL_FILE)  # expect: IMR003
        return jsonify(model.predict(rows).tolist())
    return jsonify([])
