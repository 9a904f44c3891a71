"""The helper returns its persistent tape; the loop keeps each of them."""

import keras
import tensorflow as tf


def forward(model, x, y):
    with tf.GradientTape(persistent=True) as tape:
        loss = keras.losses.MeanAbsoluteError()(y, model(x))
    return float(loss), tape


def train(model, batches):
    kept = []
    for x, y in batches:
        value, tape = forward(model, x, y)
        print(value)
        kept.append(tape)  # expect: UTR004
    return kept
