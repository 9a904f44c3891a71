"""The fix: advice, since what follows would be indented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.questions import Call
from leakscan.rule import Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class UseWith(Strategy):
    """Says how the file is closed."""

    name = "with"
    summary = "open the file in a `with` statement"
    applicability = Applicability.DISPLAY

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return advice."""
        found = report.subject
        assert isinstance(found, Call)
        node = code.node(report.place)
        return Rewrite(f"with {code.text(node)} as ...: and what uses it below", self.applicability)
