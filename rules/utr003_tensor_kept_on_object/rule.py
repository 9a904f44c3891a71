"""UTR003: tensors pile up in an attribute, a class attribute or a module-level container."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.questions import Scope
from leakscan.rule import Report, Rule, Severity

from ..families.retention_reports import grown, remedy, report
from ..families.strategies import Bound, ToHost

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project


class TensorKeptOnObject(Rule):
    """`self.losses.append(loss)` in a method that is called once per step, or a list of the module."""

    code = "UTR003"
    name = "tensor-kept-on-object"
    summary = "live tensors pile up in an attribute or a module-level container"
    severity = Severity.MEDIUM
    strategies = (ToHost(), Bound())

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each store into a container that belongs to an object or a module."""
        for found in grown(project):
            # Stored functions are UTR002, tapes UTR004, and stores at tracing UTR005.
            if found.captured or found.tapes or found.in_graph:
                continue
            # losses = []; for step in ...: losses.append(loss)  # in one function: UTR001
            if found.scope not in {Scope.OBJECT, Scope.GLOBAL}:
                continue
            owner = "on an object" if found.scope is Scope.OBJECT else "at module level"
            what = found.tensors[0].what
            yield report(
                project,
                found,
                f"tensor kept {owner} in `{found.name}` {{where}}; "
                f"{what} is stored as a live tensor and never dropped",
                remedy(found),
            )
