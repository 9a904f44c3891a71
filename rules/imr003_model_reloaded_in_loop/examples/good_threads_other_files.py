"""Threads and rows that each load another file, and a timer that runs once."""

import threading

import keras


def label(path="rows.keras"):
    return keras.models.load_model(path)([[1.0]])


def in_threads(paths):
    for path in paths:
        threading.Thread(target=label, args=(path,)).start()


def label_all(table):
    return table["path"].apply(label)


threading.Timer(5, label).start()
