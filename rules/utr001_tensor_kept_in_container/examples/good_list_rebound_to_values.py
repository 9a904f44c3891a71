"""The helper's list of tensors is turned into numbers before it is kept."""

import tensorflow as tf


def run_batch(model, tasks):
    return [tf.reduce_mean(tf.square(model(x) - y)) for x, y in tasks]


def evaluate(model, task_batches):
    all_losses = []
    for tasks in task_batches:
        losses = run_batch(model, tasks)
        losses = [loss.numpy() for loss in losses]
        all_losses.append(losses)
        all_losses.extend(losses)
    return all_losses
