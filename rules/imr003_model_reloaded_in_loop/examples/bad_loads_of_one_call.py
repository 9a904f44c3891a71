"""A handler starts a thread that loads two models for each picture."""

import threading

import keras
from fastapi import FastAPI

api = FastAPI()


def describe(path):
    kind = keras.models.load_model("kind.keras")
    health = keras.models.load_model("health.keras")
    image = keras.utils.load_img(path)
    print(kind(image), health(image))


@api.post("/picture")
def picture(path: str):
    thread = threading.Thread(target=describe, args=(path,))  # expect: IMR003
    thread.start()
    return "soon"
