"""One picture is predicted ten times; and the classes of a row, by a method of old Keras."""

import numpy as np
from flask import Flask, request
from keras.models import load_model
from tqdm import trange

app = Flask(__name__)
net = load_model("net.h5")
picture = np.expand_dims(np.load("picture.npy"), 0)

for _ in trange(10):
    answer = net.predict(picture)  # expect: IMR006
print(answer)


@app.route("/class", methods=["POST"])
def classify():
    row = np.array([request.get_json()["row"]])
    return str(net.predict_classes(row))  # expect: IMR006
