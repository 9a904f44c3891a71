"""The tensors are appended inside a tuple and inside a dictionary."""

import pandas as pd
import tensorflow as tf


def run(model, dataset, loss_fn):
    rows, records = [], []
    for step, (x, y) in enumerate(dataset):
        output = model(x)
        loss = tf.reduce_mean(loss_fn(y, output))
        accuracy = tf.reduce_mean(tf.cast(tf.argmax(output, axis=1) == y, tf.float32))
        rows.append((step, loss, accuracy))  # expect: UTR001
        records.append({"step": step, "loss": loss, "accuracy": accuracy})  # expect: UTR001
    return pd.DataFrame(rows), pd.DataFrame(records)
