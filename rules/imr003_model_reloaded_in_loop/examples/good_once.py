"""The model is loaded once: at the top of the module, when the server starts, before the loop."""

from contextlib import asynccontextmanager

from fastapi import FastAPI
from tensorflow.keras.models import load_model

network = load_model("net.keras")
models = {}


@asynccontextmanager
async def lifespan(app):
    models["net"] = load_model("net.keras")
    yield
    models.clear()


app = FastAPI(lifespan=lifespan)


@app.on_event("startup")
def start():
    models["other"] = load_model("other.keras")


@app.get("/")
def predict(value: float):
    return network.predict([[value]])


def evaluate(batches):
    model = load_model("net.keras")
    for batch in batches:
        print(model.evaluate(batch))
