"""A function of the Keras backend is made for each image."""

from keras import backend as K
from keras.models import load_model

net = load_model("net.h5")


def heat(image):
    layer = net.get_layer("last_conv")
    gradients = K.gradients(net.output[:, 0], layer.output)[0]
    read = K.function([net.input], [layer.output, gradients])
    return read([image])


def heat_all(images):
    return [heat(image) for image in images]  # expect: IMR004
