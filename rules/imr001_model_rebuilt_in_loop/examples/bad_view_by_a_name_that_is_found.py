"""A view for each request; its layer is looked up among the names of the layers, each time the same one."""

import keras
from flask import Flask, request

app = Flask(__name__)
net = None


def model():
    return net if net is not None else __import__("start").model()


def checked(picture):
    found = model()
    if not picture:
        raise ValueError("no picture")
    return found


def last_convolution(found, name=None):
    if name:
        return name
    return [layer.name for layer in found.layers if "conv" in layer.name][-1]


def heat(picture, found, name):
    view = keras.Model(found.inputs, [found.get_layer(name).output, found.output])
    return view(picture)


@app.route("/heat")
def show():
    found = checked(request.json)
    return str(heat(request.json, found, last_convolution(found)))  # expect: IMR001
