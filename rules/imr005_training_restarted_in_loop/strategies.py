"""The fixes of restarted trainings; what needs LibCST is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Advice, Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class Hoist(Strategy):
    """Makes a pipeline once, before the loop."""

    name = "hoist"
    summary = "make the data set once, before the loop"
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the data set made before the loop."""
        from .hoist import hoisted

        return hoisted(report, code)


class OneFit(Advice):
    """Says how one call trains for all epochs."""

    name = "one-fit"
    summary = "one call of fit() with all epochs; what the loop does between them is a callback"
    advice = (
        "call fit() once with epochs=n: history.history has the values of each epoch, and what is done "
        "between epochs goes into a keras.callbacks.LambdaCallback(on_epoch_end=...)"
    )


__all__ = ["Hoist", "OneFit"]
