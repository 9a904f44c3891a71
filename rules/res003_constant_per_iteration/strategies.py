"""The fix `hoist`; what needs LibCST is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class Hoist(Strategy):
    """Makes the tensor once, before the loop."""

    name = "hoist"
    summary = "make the tensor once before the loop"
    applicability = Applicability.SAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the tensor made before the loop."""
        from .hoist import hoisted

        return hoisted(report, code)
