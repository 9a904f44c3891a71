"""UTR002: a function that captures a tensor of the iteration is itself kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.rule import Report, Rule, Severity

from ..families.retention_reports import grown, report
from .strategies import CaptureValue

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project


class TensorCapturedByClosure(Rule):
    """Lambdas, nested functions and partials that hold a tensor and are stored or registered."""

    code = "UTR002"
    name = "tensor-captured-by-closure"
    summary = "a function that captures a tensor of the iteration is stored where it outlives the loop"
    severity = Severity.MEDIUM
    strategies = (CaptureValue(),)

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each kept function that holds a tensor."""
        for found in grown(project):
            # losses.append(loss) is UTR001 or UTR003.
            if not found.captured or found.in_graph:
                continue
            names = [f"`{name}`" for name in dict.fromkeys(found.captured) if name.isidentifier()]
            held = ", ".join(names) or found.tensors[0].what
            yield report(
                project,
                found,
                f"tensor captured by a function kept in `{found.name}` {{where}}; it holds {held}",
                "capture the value instead: value = x.numpy() before the function, and use value in it",
            )
