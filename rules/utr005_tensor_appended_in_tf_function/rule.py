"""UTR005: an outer container grows inside a `tf.function`, where it runs at tracing only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.questions import retentions
from leakscan.rule import Report, Rule, Severity

from ..families.retention_reports import report
from .advice import ReturnIt

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project


class TensorAppendedInTfFunction(Rule):
    """`history.append(loss)` under `@tf.function`: one symbolic tensor per trace, no value ever."""

    code = "UTR005"
    name = "tensor-appended-in-tf-function"
    summary = "a tensor is stored in an outer container inside a tf.function: it runs at tracing only"
    severity = Severity.MEDIUM
    strategies = (ReturnIt(),)

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each store into an outer container while TensorFlow traces."""
        for found in retentions(project):
            if not found.in_graph:
                continue
            if found.tapes or not found.tensors:
                continue
            yield report(
                project,
                found,
                f"tensor stored in `{found.name}` inside a tf.function; "
                "this runs once per trace and leaks a symbolic tensor",
                "return the tensor and store its value in the caller, or use a tf.TensorArray",
            )
