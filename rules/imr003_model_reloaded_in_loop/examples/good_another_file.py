"""Another file is loaded in each iteration: by its name, in a helper, from a list."""

import glob

from keras.models import load_model, model_from_json


def read(number):
    with open(f"net{number}.json") as file:
        net = model_from_json(file.read())
    net.load_weights(f"net{number}.h5")
    return net


def average(x, n):
    return sum(read(number).predict(x) for number in range(n)) / n


def compare(x):
    for path in glob.glob("*.keras"):
        print(path, load_model(path).evaluate(x))


class Member:
    def __init__(self, path):
        self.net = load_model(path)


def members(paths, x):
    for path in paths:
        print(Member(path).net.predict(x))
