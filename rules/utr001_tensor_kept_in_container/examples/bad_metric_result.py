"""`result()` of a metric is a tensor; one stays for each epoch."""

from tensorflow import keras

train_loss = keras.metrics.Mean()
train_accuracy = keras.metrics.SparseCategoricalAccuracy()


def train(step, dataset, epochs):
    loss_results, accuracy_results = [], []
    for _ in range(epochs):
        for x, y in dataset:
            loss, logits = step(x, y)
            train_loss.update_state(loss)
            train_accuracy.update_state(y, logits)
        loss_results.append(train_loss.result())  # expect: UTR001
        accuracy_results.append(train_accuracy.result())  # expect: UTR001
        train_loss.reset_state()
        train_accuracy.reset_state()
    return loss_results, accuracy_results
