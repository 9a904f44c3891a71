"""Views that nothing in the file registers: their parameters and what they return tell."""

import azure.functions as func
import cherrypy
from django.http import JsonResponse
from django.shortcuts import render
from tensorflow import keras


def main(req: func.HttpRequest) -> func.HttpResponse:
    model = keras.models.load_model("net.keras")  # expect: IMR003
    return func.HttpResponse(str(model(req.get_json()["row"])))


def queued(message: func.QueueMessage):
    model = keras.models.load_model("net.keras")  # expect: IMR003
    print(model(message.get_json()))


def upload(request):
    if request.method == "POST":
        model = keras.models.load_model("net.keras")  # expect: IMR003
        return render(request, "answer.html", {"answer": model(request.POST["row"])})
    return render(request, "upload.html")


def scored(request, name):
    model = keras.models.load_model("net.keras")  # expect: IMR003
    return JsonResponse({name: float(model(request.GET["row"]))})


class Scores:
    def on_post(self, req, resp):
        model = keras.models.load_model("net.keras")  # expect: IMR003
        resp.media = model(req.media["row"]).numpy().tolist()


class Root:
    @cherrypy.expose
    def index(self, row):
        model = keras.models.load_model("net.keras")  # expect: IMR003
        return str(model(row))
