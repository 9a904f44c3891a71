"""leakscan: finds models rebuilt in loops and tensors kept alive in TensorFlow and Keras code."""

__version__ = "0.1.0"
