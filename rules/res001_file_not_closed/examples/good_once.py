"""It is opened once, and used by all iterations."""

import tensorflow as tf

writer = tf.summary.create_file_writer("logs")


def learn(losses):
    out = tf.io.TFRecordWriter("all.tfrecord")
    with writer.as_default():
        for step, loss in enumerate(losses):
            tf.summary.scalar("loss", loss, step)
            out.write(b"1")
