"""The fix `release`; what needs LibCST is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class Release(Strategy):
    """Lets a tape go when nothing asks it any more."""

    name = "release"
    summary = "do not store the tape where nobody reads it; delete it after its last use"
    applicability = Applicability.SAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module without the store, or with a `del` after the last use."""
        from .release import Releasing

        return Releasing().rewrite(report, code)
