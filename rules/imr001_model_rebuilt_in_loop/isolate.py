"""The fix `isolate`: one process for each iteration; described, not made."""

from __future__ import annotations

from leakscan.codemods.rewriting import Code
from leakscan.rule import Applicability, Report, Rewrite, Strategy


class Isolate(Strategy):
    """Says how to give each iteration a process of its own."""

    name = "isolate"
    summary = "run every iteration in a process of its own"
    applicability = Applicability.DISPLAY

    def rewrite(self, report: Report, code: Code) -> Rewrite:  # noqa: ARG002 -- the advice is the same everywhere
        """Return the advice."""
        return Rewrite(
            "make the body of the loop a function and run it in "
            "multiprocessing.get_context('spawn').Process(target=...): its memory goes with the process; "
            "each iteration then pays for importing TensorFlow",
            self.applicability,
        )
