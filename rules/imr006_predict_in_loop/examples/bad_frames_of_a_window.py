"""A function that hands itself to `after` for the next frame predicts that frame."""

import tkinter

import cv2
import numpy as np
from keras.models import load_model

root = tkinter.Tk()
net = load_model("gestures.keras")
camera = cv2.VideoCapture(0)


def show():
    ok, frame = camera.read()
    if ok:
        print(net.predict(np.expand_dims(frame, 0))[0])  # expect: IMR006
    root.after(15, show)


show()
root.mainloop()
