"""A blueprint calls a function of another module, which loads the model."""

from flask import Blueprint, request

from inference import classify

pages = Blueprint("pages", __name__)


@pages.post("/classify")
def answer():
    return {"label": classify(request.get_json())}  # expect: IMR003
