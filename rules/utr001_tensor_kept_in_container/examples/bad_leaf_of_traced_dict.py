"""Whatever a tf.function returns is a tensor, also what stands deep in a dict."""

import tensorflow as tf

from elsewhere import model, penalty


@tf.function
def update(batch):
    loss = penalty(model(batch))
    return {"loss": loss, "parts": {"reconstruction": loss, "extra": [penalty(batch)]}}


def train(batches):
    parts, extras = [], []
    for batch in batches:
        out = update(batch)
        parts.append(out["parts"]["reconstruction"])  # expect: UTR001
        extras.append(out["parts"]["extra"])  # expect: UTR001
    return parts, extras
