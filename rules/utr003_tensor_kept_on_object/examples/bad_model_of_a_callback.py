"""fit() gives a callback its model; what that model gives is a tensor."""

from tensorflow import keras


class Watch(keras.callbacks.Callback):
    def __init__(self, images):
        super().__init__()
        self.images = images
        self.views = []

    def on_epoch_end(self, epoch, logs=None):
        view = self.model(self.images, training=False)
        self.views.append(view)  # expect: UTR003
