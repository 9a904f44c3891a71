"""A file of records is opened for each shard and not closed (RES001)."""

import argparse
import os
import tempfile

import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=12)
steps = parser.parse_args().steps
folder = tempfile.mkdtemp()


def write(number):
    writer = tf.io.TFRecordWriter(os.path.join(folder, f"part-{number}.tfrecord"))
    for row in range(1000):
        writer.write(f"{number} {row}".encode())


for step in range(steps):
    write(step)
    print(f"step {step}", flush=True)
for name in sorted(os.listdir(folder)):
    print(name, os.path.getsize(os.path.join(folder, name)))
