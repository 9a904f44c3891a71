"""A frozen graph is imported, into the same graph, for each image."""

import tensorflow.compat.v1 as tf
from data import frames


def detect(image):
    definition = tf.GraphDef()
    with tf.gfile.GFile("detector.pb", "rb") as file:
        definition.ParseFromString(file.read())
    tf.import_graph_def(definition, name="")
    with tf.Session() as sess:
        return sess.run("boxes:0", {"image:0": image})


def watch():
    for frame in frames():
        print(detect(frame))  # expect: RES002
