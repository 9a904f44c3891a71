"""Each entry is a list that the iteration makes and fills itself."""

import tensorflow as tf


def range_images(frame, decode):
    images = {}
    for laser in frame.lasers:
        first = tf.reshape(decode(laser.first_return), (64, -1))
        print(laser.name, float(tf.reduce_max(first)))
        images[laser.name] = [first]
        if laser.has_second_return:
            images[laser.name].append(tf.reshape(decode(laser.second_return), (64, -1)))
    return images
