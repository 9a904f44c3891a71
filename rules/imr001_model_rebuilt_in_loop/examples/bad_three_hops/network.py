"""Compiles a genome into a network."""

from keras.layers import Dense, Dropout
from keras.models import Sequential


def compile_model(genome, n_classes):
    model = Sequential()
    for _ in range(genome["layers"]):
        model.add(Dense(genome["neurons"], activation=genome["activation"]))
        model.add(Dropout(0.2))
    model.add(Dense(n_classes, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer=genome["optimizer"], metrics=["accuracy"])
    return model
