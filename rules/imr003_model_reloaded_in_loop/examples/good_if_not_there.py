"""The model is loaded where it is not there yet: a global, an attribute, a flag, an entry."""

from fastapi import FastAPI
from tensorflow.keras.models import load_model

app = FastAPI()
net = None


@app.get("/first")
def first(value: float):
    global net
    if net is None:
        net = load_model("net.keras")
    return net.predict([[value]])


@app.get("/second")
def second(value: float):
    if not hasattr(app.state, "net"):
        app.state.net = load_model("net.keras")
    return app.state.net.predict([[value]])


class Scorer:
    _net = None

    def __init__(self):
        self.ready = False

    @property
    def net(self):
        if self._net is not None:
            return self._net
        self._net = load_model("net.keras")
        return self._net

    def prepare(self):
        if not self.ready:
            self.own = load_model("own.keras")
            self.ready = True


def score(rows):
    scorer = Scorer()
    loaded = None
    for row in rows:
        scorer.prepare()
        loaded = loaded or load_model("third.keras")
        print(scorer.net.predict(row), loaded.predict(row))
