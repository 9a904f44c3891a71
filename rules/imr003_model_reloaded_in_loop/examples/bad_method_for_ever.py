"""A method that a loop without end calls loads the file of its object."""

import cv2
import keras


class Watcher:
    def __init__(self, path):
        self.path = path
        self.camera = cv2.VideoCapture(0)

    def look(self):
        classifier = keras.saving.load_model(self.path)
        ok, frame = self.camera.read()
        return classifier.predict(frame) if ok else None


watcher = Watcher("faces.keras")
while True:
    print(watcher.look())  # expect: IMR003
