"""A nested function closes it."""

import atexit

import tensorflow as tf


def start(runs):
    for run in runs:
        writer = tf.io.TFRecordWriter(f"{run}.tfrecord")

        def stop():
            writer.close()

        atexit.register(stop)
