"""A route of FastAPI copies the model for each request."""

from fastapi import FastAPI
from tensorflow import keras

app = FastAPI()
shared = keras.models.load_model("net.keras")


@app.post("/infer")
async def infer(rows: list[list[float]]):
    own = keras.models.clone_model(shared)  # expect: IMR003
    own.set_weights(shared.get_weights())
    return own.predict(rows).tolist()
