"""What is said about trials that build models; no code is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class ClearSession(Strategy):
    """Says where to clear the session."""

    name = "clear-session"
    summary = "call keras.backend.clear_session() first in each trial"
    applicability = Applicability.DISPLAY

    def rewrite(self, report: Report, code: Code) -> Rewrite:  # noqa: ARG002 -- the advice needs no tree
        """Return the advice."""
        return Rewrite(
            "call keras.backend.clear_session() at the top of the function that the search calls: what Keras "
            "keeps of earlier trials goes, the cost of building stays",
            self.applicability,
        )


class Isolate(Strategy):
    """Says how to give each trial a process of its own."""

    name = "isolate"
    summary = "run each trial in a process of its own"
    applicability = Applicability.DISPLAY

    def rewrite(self, report: Report, code: Code) -> Rewrite:  # noqa: ARG002 -- the advice needs no tree
        """Return the advice."""
        return Rewrite(
            "run the training of a trial in multiprocessing.get_context('spawn').Process(target=...): its "
            "memory goes with the process; each trial then pays for importing TensorFlow",
            self.applicability,
        )


__all__ = ["ClearSession", "Isolate"]
