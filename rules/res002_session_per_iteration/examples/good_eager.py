"""TensorFlow 2: what a loop computes is gone with the iteration; other things have run() too."""

import subprocess

import tensorflow as tf
from tools import Runner

runner = Runner()
for number in range(1000):
    values = tf.random.normal([8])
    print(float(tf.reduce_mean(values)))
    subprocess.run(["true"], check=True)
    runner.run(tf.square(values))
