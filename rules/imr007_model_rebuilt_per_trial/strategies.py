"""What is said about trials that build models; no code is changed."""

from __future__ import annotations

from leakscan.rule import Advice


class ClearSession(Advice):
    """Says where to clear the session."""

    name = "clear-session"
    summary = "call keras.backend.clear_session() first in each trial"
    advice = (
        "call keras.backend.clear_session() at the top of the function that the search calls: what Keras "
        "keeps of earlier trials goes, the cost of building stays"
    )


class Isolate(Advice):
    """Says how to give each trial a process of its own."""

    name = "isolate"
    summary = "run each trial in a process of its own"
    advice = (
        "run the training of a trial in multiprocessing.get_context('spawn').Process(target=...): its "
        "memory goes with the process; each trial then pays for importing TensorFlow"
    )


__all__ = ["ClearSession", "Isolate"]
