"""Functions whose parameters are named like those of views, and that are called once."""

import urllib.request

from django.http import HttpResponse
from tensorflow import keras


def fetch(request):
    model = keras.models.load_model("net.keras")
    return model(urllib.request.urlopen(request).read())


def prepared(request):
    request.model = keras.models.load_model("net.keras")
    return request


class Pipeline:
    def on_get(self, name):
        return keras.models.load_model("net.keras")(name)


def answer(text):
    model = keras.models.load_model("net.keras")
    return HttpResponse(str(model(text)))


print(fetch(urllib.request.Request("http://localhost")))
