"""The fixes of models that are rebuilt; what needs LibCST is imported when one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Advice, Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class Reuse(Strategy):
    """Keeps the first model; later ones only give their initial state to it."""

    name = "reuse"
    summary = "train one model in every iteration, set back each time to the state of a newly built one"
    applicability = Applicability.UNSAFE
    builds_once = True

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the loop (or the function that it calls) with the model kept."""
        from .reuse import Reusing

        return Reusing().rewrite(report, code)


class Hoist(Strategy):
    """Builds one model before the loop and restores one snapshot of its state in each iteration."""

    name = "hoist"
    summary = "build the model once before the loop and restore the same initial state in every iteration"
    applicability = Applicability.UNSAFE
    builds_once = True

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the loop with the model built before it."""
        from .hoist import Hoisting

        return Hoisting().rewrite(report, code)


class ClearSession(Strategy):
    """Puts a call of clear_session() first in the loop."""

    name = "clear-session"
    summary = "call clear_session() first in every iteration: memory is tidied, the cost of rebuilding stays"
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the loop with the session cleared first."""
        from .clear_session import cleared

        return cleared(report, code)


class Isolate(Advice):
    """Says how to give each iteration a process of its own."""

    name = "isolate"
    summary = "run every iteration in a process of its own"
    advice = (
        "make the body of the loop a function and run it in "
        "multiprocessing.get_context('spawn').Process(target=...): its memory goes with the process; "
        "each iteration then pays for importing TensorFlow"
    )
