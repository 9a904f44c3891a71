"""An interpreter of TensorFlow Lite is made for each frame."""

import tensorflow as tf


def classify(frame):
    interpreter = tf.lite.Interpreter(model_path="mobile.tflite")
    interpreter.allocate_tensors()
    interpreter.set_tensor(0, frame)
    interpreter.invoke()
    return interpreter.get_tensor(1)


def classify_all(frames):
    for frame in frames:
        print(classify(frame))  # expect: IMR003
