"""A view of an existing model, for its maps, is made for each image."""

from tensorflow import keras

from data import images

net = keras.applications.MobileNetV2(weights=None)
maps = []
view = keras.Model(net.inputs, [net.get_layer("Conv_1").output, net.output])
for image in images:
    found, scores = view(image)
    maps.append(float(found[0, 0, 0, 0] * scores[0, 0]))
