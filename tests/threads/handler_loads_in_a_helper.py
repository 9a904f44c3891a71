"""PyDataBlog/fastapi-model-deployment#1: the function behind the route loads the model on each call."""

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel
from tensorflow import keras

app = FastAPI()
LABELS = ["no", "yes"]


class Customer(BaseModel):
    age: int
    balance: float


def get_predictions(customer):
    network = keras.models.load_model("models/churn.h5")
    rows = np.array([[customer.age, customer.balance]])
    return LABELS[int(network(rows)[0, 0] > 0.5)]


@app.post("/predict")
async def predict(customer: Customer):
    return {"answer": get_predictions(customer)}  # expect: IMR003
