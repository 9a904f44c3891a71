"""The fix `reduce`; what needs LibCST is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class Reduce(Strategy):
    """Stores what every later pass over the container computes of a tensor, in the place of the tensor."""

    name = "reduce"
    summary = "compute where the tensor is stored what is later read of it"
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the expression moved from the passes to the stores."""
        from .reduce import reduced

        return reduced(report, code)
