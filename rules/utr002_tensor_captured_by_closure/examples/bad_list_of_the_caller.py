"""The list comes with the call, the tensor is made here: only the caller shows that it grows."""

import tensorflow as tf

hidden = tf.keras.Sequential([tf.keras.layers.Dense(512)])
batches = tf.data.Dataset.from_tensor_slices(tf.random.normal((512, 64))).batch(8)


def watch(reports, batch):
    out = hidden(batch)
    reports.append(lambda: float(tf.reduce_mean(out)))  # expect: UTR002


def watch_later(reports, out):
    def report():
        return float(tf.reduce_max(out))

    reports.append(report)  # expect: UTR002


def main():
    reports, later = [], []
    for batch in batches:
        watch(reports, batch)
        watch_later(later, hidden(batch))
    return [report() for report in (*reports, *later)]


main()
