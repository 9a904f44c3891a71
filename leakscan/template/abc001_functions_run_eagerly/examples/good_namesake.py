"""Another library has a function of the same name."""

import debugging as tf

tf.config.run_functions_eagerly(True)
print(tf.keras)
