"""A method that a loop calls opens a file in each call."""

import tensorflow as tf


class Recorder:
    def __init__(self, folder):
        self.folder = folder

    def record(self, number, example):
        out = tf.io.TFRecordWriter(f"{self.folder}/{number}.tfrecord")  # expect: RES001
        out.write(example)


def run(examples):
    recorder = Recorder("out")
    for number, example in enumerate(examples):
        recorder.record(number, example)
