"""bhky/opennsfw2#19: a function that takes paths makes the model anew, with its weights; a loop calls it."""

import numpy as np
from images import preprocess
from keras import Input, Model, layers


def make_model(weights_path="open_nsfw.h5"):
    inputs = Input((224, 224, 3))
    hidden = layers.GlobalAveragePooling2D()(layers.Conv2D(64, 7, strides=2)(inputs))
    model = Model(inputs, layers.Dense(2, activation="softmax")(hidden))
    model.load_weights(weights_path)
    return model


def predict_images(paths, batch_size=8):
    images = np.array([preprocess(path) for path in paths])
    model = make_model()
    return model.predict(images, batch_size=batch_size, verbose=0)[:, 1].tolist()


def watch(folders):
    for folder in folders:
        print(folder.name, max(predict_images(list(folder.glob("*.png")))))  # expect: IMR001
