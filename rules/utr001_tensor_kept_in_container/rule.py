"""UTR001: a live tensor is stored in every iteration in a container that outlives the loop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.questions import Scope
from leakscan.rule import Report, Rule, Severity

from ..families.retention_reports import grown, remedy, report
from ..families.strategies import Bound, ToHost
from .strategies import Reduce

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project


class TensorKeptInContainer(Rule):
    """Tensors in a list, dict, set or deque of a function, where their values would do."""

    code = "UTR001"
    name = "tensor-kept-in-container"
    summary = (
        "a live tensor is stored in every iteration in a container that outlives the loop and never shrinks"
    )
    severity = Severity.MEDIUM
    strategies = (Reduce(), ToHost(), Bound())

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each store into a container of the function itself or of an enclosing one."""
        for found in grown(project):
            # callbacks.append(lambda: loss) is UTR002, tapes.append(tape) UTR004, and tracing UTR005.
            if found.captured or found.tapes or found.in_graph:
                continue
            # self.losses.append(loss) and module-level lists are UTR003.
            if found.scope not in {Scope.LOCAL, Scope.CLOSURE}:
                continue
            what = found.tensors[0].what
            yield report(
                project,
                found,
                f"tensor kept in `{found.name}` {{where}}; "
                f"{what} is stored as a live tensor and never dropped",
                remedy(found),
            )
