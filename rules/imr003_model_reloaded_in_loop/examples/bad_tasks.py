"""Tasks of a pool of threads, and threads of a server, load the model each."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI
from tensorflow.keras.models import load_model

app = FastAPI()


def work(rows):
    network = load_model("rows.keras")
    return network.predict(rows).tolist()


def submit_all(parts):
    with ThreadPoolExecutor() as pool:
        return [pool.submit(work, part) for part in parts]  # expect: IMR003


@app.post("/rows")
async def rows(body: list[float]):
    return await asyncio.to_thread(work, body)  # expect: IMR003


@app.post("/slow")
async def slow(body: list[float]):
    return await asyncio.get_running_loop().run_in_executor(None, work, body)  # expect: IMR003
