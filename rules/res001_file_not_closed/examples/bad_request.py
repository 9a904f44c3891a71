"""A view opens a file for each request."""

import tensorflow as tf
from flask import Flask

app = Flask(__name__)


@app.route("/labels")
def labels():
    file = tf.io.gfile.GFile("labels.txt")  # expect: RES001
    text = file.read()
    return text
