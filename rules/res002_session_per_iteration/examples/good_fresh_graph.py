"""Each image has a graph of its own, which goes with the iteration."""

import tensorflow.compat.v1 as tf
from data import frames


def grey(image):
    with tf.Graph().as_default():
        source = tf.placeholder(tf.float32, [None, None, 3])
        result = tf.image.rgb_to_grayscale(source)
        with tf.Session() as sess:
            return sess.run(result, {source: image})


def brighter(image):
    graph = tf.Graph()
    with graph.as_default():
        source = tf.placeholder(tf.float32, [None, None, 3])
        result = tf.image.adjust_brightness(source, 0.1)
    with tf.Session(graph=graph) as sess:
        return sess.run(result, {source: image})


for frame in frames():
    print(grey(frame), brighter(frame))
