"""The model is kept by the application, under a name that other files know."""

import keras
from fastapi import FastAPI
from routes import router

app = FastAPI()
app.include_router(router)


@app.on_event("startup")
def load():
    app.state.model = None
    app.state.model = keras.models.load_model("model.keras")
