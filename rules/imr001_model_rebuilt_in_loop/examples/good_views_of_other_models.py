"""Another model is loaded in each iteration: a view of it cannot be made before."""

from tensorflow import keras


class Heat:
    def __init__(self, model):
        self.model = model

    def of(self, image):
        view = keras.Model(self.model.inputs, self.model.get_layer("conv").output)
        return view(image).numpy()


def heat(model, image):
    view = keras.Model(model.inputs, model.get_layer("conv").output)
    return view(image).numpy()


def compare(paths, image):
    for path in paths:
        model = keras.models.load_model(path)
        print(keras.Model(model.inputs, model.layers[-2].output)(image).numpy())
        print(Heat(model).of(image))
        print(heat(model, image))
