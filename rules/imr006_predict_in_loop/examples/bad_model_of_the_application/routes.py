"""A view asks the application for its model."""

import numpy as np
from fastapi import APIRouter, Request

router = APIRouter()


@router.post("/score")
def score(request: Request, row: list[float]):
    return float(request.app.state.model.predict(np.array([row]))[0][0])  # expect: IMR006
