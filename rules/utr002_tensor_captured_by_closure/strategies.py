"""The fix `to-host` of closures; what needs LibCST is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class CaptureValue(Strategy):
    """Lets a kept function hold the value of a tensor, not the tensor."""

    name = "to-host"
    summary = "capture the tensor's value: x.numpy()"
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the value captured."""
        from .capture import captured

        return captured(report, code)
