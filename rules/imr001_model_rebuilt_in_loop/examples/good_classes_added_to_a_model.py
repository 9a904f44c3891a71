"""For each task more classes are put on a model that somebody else keeps: what it has learnt stays in it."""

from registry import latest
from tensorflow import keras

from data import tasks


def extended(net, classes):
    hidden = keras.layers.Dropout(0.2)(net.layers[-2].output)
    return keras.Model(inputs=net.inputs, outputs=keras.layers.Dense(classes, activation="softmax")(hidden))


for number, (x, y) in enumerate(tasks):
    wider = extended(latest(), 2 * number + 2)
    wider.compile("adam", "sparse_categorical_crossentropy")
    wider.fit(x, y, epochs=2)
    print(number, wider.evaluate(x, y))
