"""Buttons of Tk and Qt load the model at each click, a timer of Qt at each frame."""

import tkinter as tk

import numpy as np
from keras.models import load_model
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QMainWindow, QPushButton


def classify(path):
    model = load_model("animals.keras")
    return np.argmax(model(np.load(path)[None]))


class Window(QMainWindow):
    def __init__(self, camera):
        super().__init__()
        self.camera = camera
        self.button = QPushButton("find", self)
        self.button.clicked.connect(self.find)  # expect: IMR003
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.show_frame)  # expect: IMR003
        self.timer.start(40)

    def find(self):
        print(classify("chosen.npy"))

    def show_frame(self):
        print(load_model("pose.keras")(self.camera.read()))


root = tk.Tk()
tk.Button(root, text="classify", command=lambda: print(classify("animal.npy"))).pack()  # expect: IMR003
Window(None).show()
root.mainloop()
