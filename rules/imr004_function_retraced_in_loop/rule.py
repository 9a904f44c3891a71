"""IMR004: a function is traced, or a model compiled, again in every iteration of a loop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.costs import TRACE, estimate, severity
from leakscan.questions import Endless, Frequency, frequency, repetitions
from leakscan.records import replace
from leakscan.rule import Confidence, Report, Rule, Severity

from .retraces import Retrace, Shape, retraces
from .strategies import Hoist, Tensor

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project


#: So many traces are one more than needed.
_ONCE_MORE = 2


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


def _often(project: Project, retrace: Retrace, *, in_loop: bool) -> Frequency:
    """Return how often it is traced."""
    around = retrace.around
    if not in_loop or around.loop is None or retrace.shape is not Shape.NUMBER:
        return frequency(project, retrace.place if in_loop else retrace.cause)
    nearest = next(iter(repetitions(project, retrace.place)), None)
    if nearest is not None and nearest.loop == around.loop:
        return frequency(project, retrace.place)
    # for epoch in range(epochs): for batch in data: step(batch, epoch)  # a trace an epoch, not a step
    often = frequency(project, around.loop)
    count = None if often.count is None or around.count is None else often.count * around.count
    return replace(often, count=count, known=often.known * (around.count or 1))


def _report(project: Project, retrace: Retrace) -> Report:
    around = retrace.around
    in_loop = bool(around.refs)
    refs = list(around.refs)
    where = ""
    if retrace.place != retrace.cause:
        refs.append(retrace.cause)
        where = f" ({{{len(refs) - 1}}})"
    often = _often(project, retrace, in_loop=in_loop)
    cost = severity(TRACE, often)
    # for step in range(2): train_step(x, step)  # traced once more than needed
    if often.count is not None and often.count <= _ONCE_MORE:
        cost = Severity.LOW
    # An epoch takes longer than a trace.
    if often.endless is Endless.HOOK:
        cost = min(cost, Severity.MEDIUM)
    return Report(
        retrace.place,
        f"{retrace.what} {around.when}; {retrace.why.format(where=where)}",
        retrace.help,
        cost,
        Confidence.HIGH,
        around.chain,
        tuple(refs),
        around.loop if in_loop else None,
        retrace,
        estimate(TRACE, often, retrace.subject),
    )
