"""The fix `return-it` of stores at tracing time; described, not made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.questions import Retention
from leakscan.rule import Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class ReturnIt(Strategy):
    """Says where the value can be had."""

    name = "return-it"
    summary = "return the tensor and store its value in the caller, or use a tf.TensorArray"
    applicability = Applicability.DISPLAY

    def rewrite(self, report: Report, code: Code) -> Rewrite:  # noqa: ARG002 -- the advice needs no tree
        """Return the advice."""
        found = report.subject
        assert isinstance(found, Retention)
        return Rewrite(
            f"return the tensor from the tf.function and store its value in `{found.name}` in the caller, "
            "which runs in every step; within the function collect steps in a tf.TensorArray",
            self.applicability,
        )
