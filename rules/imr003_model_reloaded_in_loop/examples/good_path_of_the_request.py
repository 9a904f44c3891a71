"""Which file is loaded is what the request says."""

from flask import Flask, request
from tensorflow.keras.models import load_model

app = Flask(__name__)


@app.route("/predict/<name>")
def predict(name):
    model = load_model(f"models/{name}.keras")
    return str(model.predict([[float(request.args["x"])]]))


@app.route("/other")
def other():
    path = request.args.get("path")
    return str(load_model(path).count_params())
