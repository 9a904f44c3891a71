"""A loop opens a file of records for each shard."""

import tensorflow as tf


def write(shards):
    for number, shard in enumerate(shards):
        writer = tf.io.TFRecordWriter(f"part-{number}.tfrecord")  # expect: RES001
        for example in shard:
            writer.write(example.SerializeToString())
