"""Of several layers one has the name: what is made of it is made once."""

from tensorflow.keras import Model
from tensorflow.keras.applications import VGG19

vgg = VGG19(include_top=False)
for i in range(len(vgg.layers)):
    if vgg.layers[i].name == "block4_conv1":
        encoder = Model(vgg.input, vgg.layers[i].output)

for layer in vgg.layers:
    if layer.name == "block1_conv1":
        first = Model(vgg.input, layer.output)
    elif layer.name == "block2_conv1":
        second = Model(vgg.input, layer.output)
