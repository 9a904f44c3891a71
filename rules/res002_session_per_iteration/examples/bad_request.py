"""Each request adds its operations to the graph."""

import tensorflow as tf
from flask import Flask, jsonify, request

app = Flask(__name__)
sess = tf.Session()
inputs = tf.placeholder(tf.float32, [None, 4])
logits = tf.layers.dense(inputs, 3)


@app.route("/score", methods=["POST"])
def score():
    probabilities = tf.nn.softmax(logits)  # expect: RES002
    answer = sess.run(probabilities, feed_dict={inputs: request.get_json()["rows"]})
    return jsonify(answer.tolist())
