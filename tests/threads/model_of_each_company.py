"""keras-team/keras#7825: another model for each company; the same one again for the next request."""

import os

import numpy as np
from flask import Flask, request
from keras import backend as K
from keras.models import load_model

app = Flask(__name__)


def load_classification_model(company):
    folder = os.path.join("models", f"company_{company}")
    model = load_model(os.path.join(folder, "model.h5"))
    return K.function([model.layers[0].input], [model.layers[-1].output])


@app.route("/predict")
def predict():
    network = load_classification_model(request.args["company"])
    return str(np.argmax(network([np.zeros((1, 8))])[0]))
