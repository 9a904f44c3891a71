"""A loop opens a file of records for each shard."""

import tensorflow as tf


def write(shards):
    for number, shard in enumerate(shards):
        with tf.io.TFRecordWriter(f"part-{number}.tfrecord") as writer:
            for example in shard:
                writer.write(example.SerializeToString())
