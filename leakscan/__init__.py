"""leakscan: finds models rebuilt in loops and tensors kept alive in TensorFlow and Keras code."""

__version__ = "0.1.0"
#: What the package index calls it: `leakscan` there is a program of somebody else.
DISTRIBUTION = "leakscan-keras"
