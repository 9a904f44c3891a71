"""A method adds its operations on each call; the session is kept on the object."""

import tensorflow as tf


class Reader:
    def __init__(self, path):
        self.path = path
        self.sess = tf.Session()
        self.codes = tf.placeholder(tf.string, [])

    def pixels(self, name):
        image = tf.image.decode_jpeg(self.codes)
        image = tf.image.resize_images(image, [224, 224])
        with open(self.path + name, "rb") as file:
            return self.sess.run(image, {self.codes: file.read()})


def features(names, model):
    reader = Reader("images/")
    return [model.predict(reader.pixels(name)[None]) for name in names]  # expect: RES002
