"""Which model is loaded the request says: through a helper, and through what the request holds."""

from flask import Flask, g, request, session
from tensorflow import keras

app = Flask(__name__)


def network_of(name):
    return keras.models.load_model(f"models/{name}.keras")


@app.route("/ask")
def ask():
    return str(network_of(request.args["model"])(request.get_json()))


@app.route("/mine", methods=["POST"])
def mine():
    network = keras.models.load_model(session["model"])
    return str(network(g.rows))
