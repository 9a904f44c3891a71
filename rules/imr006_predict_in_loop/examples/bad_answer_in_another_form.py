"""One answer is taken in another form: one number of an array, or the truth of it."""

import keras
import numpy as np

from data import prepare

net = keras.models.load_model("net.keras")


def labels(rows):
    found = []
    for row in rows:
        answer = net.predict(prepare(row))  # expect: IMR006
        found.append(answer.argmax(axis=1)[0])
    return found


def largest(rows):
    for row in rows:
        print(np.argmax(net.predict(prepare(row)), axis=-1)[0])  # expect: IMR006


def passed(rows):
    for row in rows:
        answer = net.predict(prepare(row))  # expect: IMR006
        print("yes" if answer > 0.5 else "no")


def share(sets):
    for x, y in sets:
        answers = net.predict(x)
        print(answers.argmax(axis=1)[0], (answers.argmax(axis=1) == y).mean(), (answers > 0.5).mean())
