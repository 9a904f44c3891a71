"""RES002: a graph of TensorFlow 1 grows, or a session is opened, in every iteration of a loop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.costs import GRAPH, SESSION, estimate, severity
from leakscan.questions import Origin, frequency, rebuilds
from leakscan.rule import Confidence, Report, Rule, Severity

from .growth import Growth, growths
from .strategies import Finalize

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project


class SessionPerIteration(Rule):
    """`session.run(tf.argmax(logits))` in a loop, and `tf.Session()` for each item."""

    code = "RES002"
    name = "session-per-iteration"
    summary = "a graph of TensorFlow 1 is extended, or a session opened, in every iteration of a loop"
    severity = Severity.MEDIUM
    strategies = (Finalize(),)

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each loop that runs a session and adds to its graph, or opens it, each time."""
        built = None
        for growth in growths(project):
            if built is None:
                built = {item.loop for item in rebuilds(project) if item.origin is Origin.CONSTRUCTED}
            # for rate in rates: model = build(rate); model.fit(x, y)  # a Keras model each time: IMR001
            if growth.around.loop not in built:
                yield _report(project, growth)


def _report(project: Project, growth: Growth) -> Report:
    around = growth.around
    in_loop = bool(around.refs)
    refs = list(around.refs)
    where = ""
    if growth.place != growth.cause:
        refs.append(growth.cause)
        where = f" ({{{len(refs) - 1}}})"
    often = frequency(project, growth.place if in_loop else growth.cause)
    outside = "before the loop" if in_loop else "outside of the function"
    if growth.session:
        cost = SESSION
        message = (
            f"session opened {around.when}; {growth.what}{where} prepares the graph anew, "
            "and what variables held is gone"
        )
        remedy = f"open one session {outside} and run it each time"
    else:
        cost = GRAPH
        message = (
            f"graph extended {around.when}; what {growth.what}{where} adds to it stays, "
            "and run() prepares the graph anew"
        )
        remedy = f"make the operations once, {outside}, and feed what changes through placeholders"
    return Report(
        growth.place,
        message,
        remedy,
        severity(cost, often),
        Confidence.HIGH,
        around.chain,
        tuple(refs),
        around.loop if in_loop else None,
        growth,
        estimate(cost, often, growth.what),
    )
