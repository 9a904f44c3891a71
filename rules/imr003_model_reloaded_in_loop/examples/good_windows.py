"""Windows whose model is loaded at the start, or is the file that a person picks."""

import tkinter as tk
from tkinter import filedialog

import keras
from PyQt5.QtCore import QThread
from PyQt5.QtWidgets import QMainWindow, QPushButton


class Worker(QThread):
    def run(self):
        model = keras.models.load_model("pose.keras")
        while True:
            print(model(self.next_frame()))


class Window(QMainWindow):
    def __init__(self):
        super().__init__()
        self.model = keras.models.load_model("animals.keras")
        self.button = QPushButton("find", self)
        self.button.clicked.connect(lambda: print(self.model(self.picture())))
        self.worker = Worker(self)
        self.worker.start()


def choose():
    print(keras.models.load_model(filedialog.askopenfilename()).summary())


Window().show()
root = tk.Tk()
tk.Button(root, text="open", command=choose).pack()
root.mainloop()
