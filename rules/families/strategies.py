"""The fixes that rules about kept tensors share; what needs LibCST is imported when one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.questions import Retention
from leakscan.rule import Advice, Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class ToHost(Strategy):
    """Stores the value in the place of the tensor."""

    name = "to-host"
    summary = "store the tensor's value: float(x) for a scalar, x.numpy() else"
    applicability = Applicability.SAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the store, and what reads it, changed."""
        from .host_copies import Conversion

        return Conversion().rewrite(report, code)


class Bound(Advice):
    """Describes containers that cannot grow."""

    name = "bound"
    summary = "keep the last few only, or a running mean"

    def advise(self, report: Report) -> str:
        """Return the advice."""
        found = report.subject
        assert isinstance(found, Retention)
        return (
            f"where only the last few are needed make `{found.name}` a collections.deque(maxlen=...); "
            "where only the mean is, update a keras.metrics.Mean"
        )
