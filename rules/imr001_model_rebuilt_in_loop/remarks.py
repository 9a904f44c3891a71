"""What the loop does already, in vain: remedies that release nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import dotted
from leakscan.facts.walk import walk
from leakscan.records import dataclass

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Rebuild


@dataclass(frozen=True, slots=True)
class Remarks:
    """What the loop has of remedies that do not work.

    uncalled: a release that is named and not called, `K.clear_session`. vain: one line on calls that release
    nothing, or an empty one.
    """

    uncalled: str | None = None
    vain: str = ""


def remarks(project: Project, rebuild: Rebuild) -> Remarks:
    """Return what the loop does to release models and what does not do that."""
    body = project.bodies.of_loop(rebuild.loop.module, rebuild.loop.node)
    deleted = collected = False
    for fact in walk(body):
        if isinstance(fact, f.ExprStatement) and dotted(fact.value).rpartition(".")[2] == "clear_session":
            name = dotted(fact.value)
            return Remarks(name, f"write `{name}()`: without parentheses nothing is called")
        deleted = deleted or isinstance(fact, f.Delete)
        collected = collected or (isinstance(fact, f.Call) and dotted(fact.func) == "gc.collect")
    if not collected:
        return Remarks()
    what = "`del` and `gc.collect()` do" if deleted else "`gc.collect()` does"
    return Remarks(
        vain=f"{what} not spare the rebuild, nor free what Keras keeps natively of a trained model"
    )
