"""The function that loads keeps what it loaded."""

import functools

import keras
import streamlit as st
from flask import Flask

app = Flask(__name__)
_models = {}


@functools.lru_cache(maxsize=1)
def model():
    return keras.saving.load_model("net.keras")


@st.cache_resource
def shown_model():
    return keras.saving.load_model("net.keras")


def named(name="net"):
    if name in _models:
        return _models[name]
    _models[name] = keras.saving.load_model("net.keras")
    return _models[name]


@app.route("/predict")
def predict():
    return str(model().predict([[1.0]]) + named().predict([[1.0]]))


for row in range(100):
    shown_model().predict([[row]])
