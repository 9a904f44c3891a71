"""What is said about models that are rebuilt although they are cleared; no code is changed."""

from __future__ import annotations

from leakscan.rule import Advice


class Reuse(Advice):
    """Says how to do without building."""

    name = "reuse"
    summary = "train one model in every iteration, set back each time to its initial state"
    advice = (
        "where iterations change no shape, build one model before the loop, keep the values of its variables "
        "and of its optimizer's, assign them first in each iteration, and take the clear_session() away: "
        "nothing is then built, compiled and traced again"
    )


__all__ = ["Reuse"]
