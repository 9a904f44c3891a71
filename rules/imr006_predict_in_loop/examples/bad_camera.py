"""The item is kept in an attribute before it is predicted."""

import tensorflow as tf


class Watcher:
    def __init__(self, camera):
        self.camera = camera
        self.frame = None
        self.model = tf.keras.models.load_model("faces.h5")

    def run(self):
        while True:
            ok, self.frame = self.camera.read()
            if not ok:
                break
            self.classify()

    def classify(self):
        print(self.model.predict(self.frame[None]))  # expect: IMR006


Watcher(None).run()
