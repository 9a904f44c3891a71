"""A function makes its part of the graph once, when it is wrapped, and the wrapper keeps its name."""

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()
session = tf.InteractiveSession()


def traced(*types):
    places = [tf.placeholder(kind) for kind in types]

    def wrap(function):
        made = function(*places)

        def wrapper(*values):
            return session.run(made, dict(zip(places, values)))

        return wrapper

    return wrap


def grown(function):
    image = tf.placeholder(tf.float32)
    made = function(image)

    def wrapper(value):
        return made.eval({image: value}, session=session)

    return wrapper


def resize(image, size):
    return tf.image.resize_bilinear(tf.expand_dims(image, 0), size)[0]


def double(image):
    return tf.concat([image, image], 0)


resize = traced(np.float32, np.int32)(resize)
double = grown(double)


def render(pictures):
    for picture in pictures:
        yield double(resize(picture, np.int32([64, 64])))
