"""A view of Flask loads the model for each request."""

import functools
import numpy as np
from flask import Flask, jsonify, request
from tensorflow import keras

app = Flask(__name__)
MODEL_FILE = "prices.keras"


@functools.lru_cache(maxsize=1)
def load_model_once():
    return keras.models.load_model(MODEL_FILE)


@app.route("/price", methods=["POST"])
def price():
    rows = np.asarray(request.get_json()["rows"])
    if rows.ndim == 2:
        model = load_model_once()
        return jsonify(model.predict(rows).tolist())
    return jsonify([])
