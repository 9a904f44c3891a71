"""A class-based view of Django loads the model for each request."""

from django.http import JsonResponse
from django.views import View
from tensorflow.keras.models import load_model


class Forecast(View):
    path = "forecast.h5"

    def get(self, request):
        network = load_model("forecast.h5")  # expect: IMR003
        return JsonResponse({"value": float(network.predict([[1.0]])[0, 0])})
