"""A predictor is made for each item, and its constructor loads the model."""

from keras.models import load_model


class Predictor:
    def __init__(self, path="segmenter.h5"):
        self.net = load_model(path, compile=False)

    def masks(self, image):
        return self.net.predict(image)


def segment(images):
    predictor = Predictor()
    for image in images:
        yield predictor.masks(image).round()
