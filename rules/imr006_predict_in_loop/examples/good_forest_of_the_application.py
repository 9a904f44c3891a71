"""What an application keeps is a forest, or one of two things."""

import joblib
import keras
import numpy as np
from flask import Flask, current_app


def create(networks):
    app = Flask(__name__)
    app.forest = joblib.load("forest.pkl")
    app.other = keras.models.load_model("net.keras") if networks else joblib.load("other.pkl")

    @app.route("/score")
    def score():
        row = np.zeros((1, 4))
        return str(current_app.forest.predict(row)) + str(current_app.other.predict(row))

    return app
