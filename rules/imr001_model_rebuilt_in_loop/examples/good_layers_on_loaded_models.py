"""What is put on a model that the iteration has loaded, another one each time, goes with it."""

import keras


def odds(paths, x):
    for path in paths:
        body = keras.models.load_model(path)
        print(keras.Sequential([body, keras.layers.Softmax()])(x))



def scales(net, sizes):
    outputs = []
    for size in sizes:
        outputs.append(keras.layers.UpSampling2D(size)(net.output))
    return keras.Model(net.input, keras.layers.Concatenate()(outputs))
