"""The keys are names of metrics, which come again: the dictionary does not grow."""

import keras

metrics = [keras.metrics.Mean(name="loss"), keras.metrics.SparseCategoricalAccuracy(name="accuracy")]


def evaluate(step, dataset, rounds):
    logs = {}
    for _ in range(rounds):
        for x, y in dataset:
            step(x, y)
        for metric in metrics:
            logs[metric.name] = metric.result()
            metric.reset_state()
    return logs
