"""Views that are kept, views that the request picks, and models that it has trained or described."""

from functools import lru_cache

import keras
from flask import Flask, request

app = Flask(__name__)
net = keras.models.load_model("net.keras")
first = None
views = {}


@lru_cache
def encoder():
    return keras.Model(net.input, net.layers[-2].output)


def make(units):
    model = keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


@app.post("/heat")
def heat():
    global first
    if first is None:
        first = keras.Model(net.inputs, net.get_layer("conv").output)
    return str(first(request.json["rows"]))


@app.post("/kept")
def kept():
    name = request.json["layer"]
    if name not in views:
        views[name] = keras.Model(net.inputs, net.get_layer(name).output)
    return str(views[name](request.json["rows"]))


@app.post("/layer/<name>")
def layer(name):
    picked = keras.Model(net.input, net.get_layer(name).output)
    return str(picked(request.json["rows"]))


@app.post("/embed")
def embed():
    return str(encoder()(request.json["rows"]))


@app.post("/train")
def train():
    model = make(16)
    model.fit(request.json["x"], request.json["y"], epochs=5)
    model.save("net.keras")
    return "ok"


@app.post("/describe")
def describe():
    return str(make(int(request.args["units"])).count_params())
