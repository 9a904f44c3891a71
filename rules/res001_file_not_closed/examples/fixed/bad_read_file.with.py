"""A file is opened to be read, and what it holds is returned."""

import json

import tensorflow as tf


def read(path):
    with tf.io.gfile.GFile(path) as file:
        return json.loads(file.read())


def read_all(paths):
    return [read(path) for path in paths]
