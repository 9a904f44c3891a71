"""The model is put into a global, and used by the same request, or before every other one."""

import flask
import keras

app = flask.Flask(__name__)
model = None


def answer(rows):
    return app.net.predict(rows).tolist()


@app.before_request
def prepare():
    global model
    model = keras.models.load_model("net.keras")  # expect: IMR003


@app.post("/predict")
def predict():
    app.net = keras.models.load_model("net.keras")  # expect: IMR003
    return {"answer": answer(flask.request.json["rows"])}
