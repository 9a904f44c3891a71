"""A view makes the tensor for each request."""

import numpy as np
import tensorflow as tf
from flask import Flask

app = Flask(__name__)
table = np.load("table.npy").astype("float32")


@app.route("/sum")
def total():
    return str(float(tf.reduce_sum(tf.constant(table))))  # expect: RES003
