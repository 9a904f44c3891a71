"""The fix `return-it` of stores at tracing time; described, not made."""

from __future__ import annotations

from leakscan.questions import Retention
from leakscan.rule import Advice, Report


class ReturnIt(Advice):
    """Says where the value can be had."""

    name = "return-it"
    summary = "return the tensor and store its value in the caller, or use a tf.TensorArray"

    def advise(self, report: Report) -> str:
        """Return the advice."""
        found = report.subject
        assert isinstance(found, Retention)
        return (
            f"return the tensor from the tf.function and store its value in `{found.name}` in the caller, "
            "which runs in every step; within the function collect steps in a tf.TensorArray"
        )
