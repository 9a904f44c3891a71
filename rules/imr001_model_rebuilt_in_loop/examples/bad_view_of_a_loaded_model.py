"""The model is loaded once for several pictures: the view of it is made again for each."""

from tensorflow import keras


def heat(model, image):
    view = keras.Model(model.inputs, model.get_layer("conv").output)
    return view(image).numpy()


def all_of_one(path, images):
    model = keras.models.load_model(path)
    for image in images:
        print(heat(model, image))  # expect: IMR001


def all_of_all(paths, images):
    for path in paths:
        model = keras.models.load_model(path)
        for image in images:
            print(keras.Model(model.inputs, model.layers[-2].output)(image).numpy())  # expect: IMR001
