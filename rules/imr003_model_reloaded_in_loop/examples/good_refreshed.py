"""A request asks for the new file: the model that all requests use is replaced, and not used there."""

import flask
import keras

app = flask.Flask(__name__)
model = keras.models.load_model("net.keras")


def read_model():
    return keras.models.load_model("net.keras")


class Service:
    def __init__(self):
        self.load()

    def load(self):
        self.net = keras.models.load_model("service.keras")

    def answer(self, rows):
        return self.net.predict(rows)


service = Service()


@app.post("/reload")
def reload():
    global model
    model = keras.models.load_model("net.keras")
    model.compile("adam", "mse")
    return {"loaded": model is not None}


@app.post("/refresh")
def refresh():
    global model
    model = read_model()
    return "done"


@app.post("/update")
def update():
    service.load()
    return "done"


@app.post("/predict")
def predict():
    rows = flask.request.json["rows"]
    return {"answer": model.predict(rows).tolist(), "service": service.answer(rows).tolist()}
