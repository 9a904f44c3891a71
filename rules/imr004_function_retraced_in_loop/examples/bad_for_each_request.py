"""A view makes a traced function of the model for each request."""

import tensorflow as tf
from flask import Flask, jsonify, request

app = Flask(__name__)
net = tf.keras.models.load_model("net.keras")


@app.route("/infer", methods=["POST"])
def infer():
    run = tf.function(lambda x: net(x, training=False))  # expect: IMR004
    return jsonify(run(tf.constant(request.get_json()["rows"])).numpy().tolist())
