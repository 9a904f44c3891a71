"""The log holds text."""

import tensorflow as tf


def train(step, dataset, log_path):
    lines, rows = [], []
    for number, (x, y) in enumerate(dataset):
        loss, accuracy = step(x, y)
        loss = tf.reduce_mean(loss)
        lines.append(f"{number}: loss {loss:.4f}")
        rows.append("%d,%.5f" % (number, accuracy))
        lines.append("accuracy {}".format(accuracy))
        lines.append(str(loss))
    with open(log_path, "w") as file:
        file.write("\n".join(lines + rows))
