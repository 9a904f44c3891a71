"""A view of another layer in each iteration is advice; one of the same layer is not."""

from tensorflow import keras


def heat(net, image, layer):
    conv = net.get_layer(layer)
    view = keras.Model([net.inputs], [conv.output, net.output])
    return view(image)[0].numpy()


def of_each_layer(path, image):
    net = keras.models.load_model(path)
    for name in [layer.name for layer in net.layers if "conv" in layer.name]:
        print(heat(net, image, name))  # expect: IMR001


def of_each_number(path, image):
    net = keras.models.load_model(path)
    for i in range(3, len(net.layers)):
        print(keras.Model(net.input, net.layers[i].output)(image).numpy())  # expect: IMR001


def of_each_picture(path, images):
    net = keras.models.load_model(path)
    for image in images:
        print(heat(net, image, "conv"))  # expect: IMR001
