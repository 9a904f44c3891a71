"""An option decides."""

import sys

import tensorflow as tf

tf.config.run_functions_eagerly("--debug" in sys.argv)
if "--eager" in sys.argv:
    tf.config.run_functions_eagerly(True)
