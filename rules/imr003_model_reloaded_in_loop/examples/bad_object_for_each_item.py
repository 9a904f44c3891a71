"""A predictor is made for each item, and its constructor loads the model."""

from keras.models import load_model


class Predictor:
    def __init__(self, path="segmenter.h5"):
        self.net = load_model(path, compile=False)

    def masks(self, image):
        return self.net.predict(image)


def segment(images):
    for image in images:
        predictor = Predictor()  # expect: IMR003
        yield predictor.masks(image).round()
