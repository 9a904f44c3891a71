"""Scores one genome."""

import network


def train_and_score(genome, dataset):
    x_train, y_train, x_test, y_test = dataset
    model = network.compile_model(genome, y_train.shape[1])
    model.fit(x_train, y_train, batch_size=64, epochs=100, verbose=0)
    return model.evaluate(x_test, y_test, verbose=0)[1]
