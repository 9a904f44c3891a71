"""The fix `history`; what needs LibCST is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class KeepNumbers(Strategy):
    """Keeps the numbers of a History, which hold no model."""

    name = "history"
    summary = "keep history.history, the numbers, instead of the History"
    applicability = Applicability.SAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the numbers stored, and read where the History was read."""
        from .history import numbers_kept

        return numbers_kept(report, code)


__all__ = ["KeepNumbers"]
