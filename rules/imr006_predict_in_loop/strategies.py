"""The fixes; what needs LibCST is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class PredictOnBatch(Strategy):
    """Predicts the item as one batch."""

    name = "on-batch"
    summary = "predict_on_batch(x): the same numbers in the same form, without a pipeline for each call"
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with `predict_on_batch` in the place of `predict`."""
        from .call import OnBatch

        return OnBatch().rewrite(report, code)


class CallModel(Strategy):
    """Calls the model in the place of its `predict`."""

    name = "call"
    summary = (
        "call the model itself, model(x, training=False): the same numbers, without a pipeline for each call"
    )
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with a call of the model; its result is made an array where one is expected."""
        from .call import Calling

        return Calling().rewrite(report, code)
