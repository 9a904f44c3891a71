"""The fix `with`; what needs LibCST is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class UseWith(Strategy):
    """Opens the file in a `with` statement that ends after its last use."""

    name = "with"
    summary = "open the file in a `with` statement; a writer of summaries is closed after its last use"
    applicability = Applicability.SAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the file closed."""
        from .closing import closed

        return closed(report, code)
