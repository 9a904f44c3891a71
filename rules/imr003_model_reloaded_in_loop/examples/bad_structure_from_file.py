"""A helper reads the structure from a file and the weights from another, each time that it is called."""

from keras.models import model_from_json


def restore():
    file = open("net.json", "r")
    text = file.read()
    file.close()
    net = model_from_json(text)
    net.load_weights("net.h5")
    return net


def label(images):
    found = []
    for image in images:
        net = restore()  # expect: IMR003
        found.append(net.predict_on_batch(image).argmax())
    return found
