"""A `with` statement closes it."""

import tensorflow as tf


def write(shards):
    for number, shard in enumerate(shards):
        with tf.io.TFRecordWriter(f"part-{number}.tfrecord") as writer:
            for example in shard:
                writer.write(example)
        opened = tf.io.gfile.GFile(f"part-{number}.txt", "w")
        with opened:
            opened.write("done")
