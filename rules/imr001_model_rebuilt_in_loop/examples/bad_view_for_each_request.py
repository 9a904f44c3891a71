"""A handler makes the view of its model for each picture that it is asked about, through a helper."""

import numpy as np
import tensorflow as tf
from flask import Flask, jsonify, request

app = Flask(__name__)
net = tf.keras.models.load_model("scans.keras")


def heat(image, layer="conv5"):
    view = tf.keras.Model(net.inputs, [net.get_layer(layer).output, net.output])
    with tf.GradientTape() as tape:
        maps, scores = view(image)
        top = tf.reduce_max(scores)
    return tf.reduce_sum(tape.gradient(top, maps) * maps, -1)[0].numpy()


@app.route("/explain", methods=["POST"])
def explain():
    image = np.frombuffer(request.data, dtype="float32").reshape(1, 64, 64, 3)
    return jsonify(heat(image).tolist())  # expect: IMR001
