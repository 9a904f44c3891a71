"""A service of gRPC, and a dependency of FastAPI, load the model for each call from elsewhere."""

import keras
import prices_pb2
import prices_pb2_grpc
from fastapi import Depends, FastAPI

app = FastAPI()


class Prices(prices_pb2_grpc.PricesServicer):
    def Price(self, request, context):
        model = keras.models.load_model("prices.keras")  # expect: IMR003
        return prices_pb2.Reply(price=float(model([request.row])))


def price_model():
    return keras.models.load_model("prices.keras")  # expect: IMR003


@app.post("/price")
def price(row: list[float], model=Depends(price_model)):
    return float(model([row]))
