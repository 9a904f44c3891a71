"""Counting traces: what is appended while tracing is a Python value, on purpose."""

import tensorflow as tf

traces = []
shapes = {}


@tf.function
def predict(model, x):
    traces.append("predict")
    traces.append(x.shape)
    shapes[x.dtype.name] = x.shape.as_list()
    return model(x)


def warm_up(model, sizes):
    for size in sizes:
        predict(model, tf.zeros((size, 4)))
    print(len(traces), "traces")
