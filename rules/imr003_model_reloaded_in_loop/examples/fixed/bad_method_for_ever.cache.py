"""A method that a loop without end calls loads the file of its object."""

import functools
import cv2
import keras


@functools.lru_cache(maxsize=1)
def load_model_once(path):
    return keras.saving.load_model(path)


class Watcher:
    def __init__(self, path):
        self.path = path
        self.camera = cv2.VideoCapture(0)

    def look(self):
        classifier = load_model_once(self.path)
        ok, frame = self.camera.read()
        return classifier.predict(frame) if ok else None


watcher = Watcher("faces.keras")
while True:
    print(watcher.look())
