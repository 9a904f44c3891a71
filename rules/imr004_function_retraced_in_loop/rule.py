"""IMR004: a function is traced, or a model compiled, again in every iteration of a loop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.costs import TRACE, estimate, severity
from leakscan.questions import Endless, frequency
from leakscan.rule import Confidence, Report, Rule, Severity

from .retraces import Retrace, retraces
from .strategies import Hoist, Tensor

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project


class FunctionRetracedInLoop(Rule):
    """`tf.function(step)` made again, compiled again, or called with another Python number each time."""

    code = "IMR004"
    name = "function-retraced-in-loop"
    summary = "a tf.function is made or traced again, or a model compiled again, in every iteration of a loop"
    severity = Severity.HIGH
    strategies = (Hoist(), Tensor())

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each place that something repeats and that is traced each time."""
        for retrace in retraces(project):
            yield _report(project, retrace)


def _report(project: Project, retrace: Retrace) -> Report:
    around = retrace.around
    in_loop = around.driver is None and around.loop is not None
    when = "in every iteration of the loop at {0}" if in_loop else f"on every call by {around.driver}"
    refs = [around.loop] if in_loop and around.loop is not None else []
    where = ""
    if retrace.place != retrace.cause:
        refs.append(retrace.cause)
        where = f" ({{{len(refs) - 1}}})"
    often = frequency(project, retrace.place if in_loop else retrace.cause)
    cost = severity(TRACE, often)
    # An epoch takes longer than a trace.
    if often.endless is Endless.HOOK:
        cost = min(cost, Severity.MEDIUM)
    return Report(
        retrace.place,
        f"{retrace.what} {when}; {retrace.why.format(where=where)}",
        retrace.help,
        cost,
        Confidence.HIGH,
        around.chain,
        tuple(refs),
        around.loop if in_loop else None,
        retrace,
        estimate(TRACE, often, retrace.subject),
    )
