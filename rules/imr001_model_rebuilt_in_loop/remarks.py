"""What the loop does already, in vain: remedies that release nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import dotted
from leakscan.facts.walk import walk

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Rebuild


def vain_remedies(project: Project, rebuild: Rebuild) -> str:
    """Return one line on what the loop does to release models and what does not do that; mostly nothing."""
    body = project.bodies.of_loop(rebuild.loop.module, rebuild.loop.node)
    deleted = collected = False
    for fact in walk(body):
        if isinstance(fact, f.ExprStatement) and dotted(fact.value).rpartition(".")[2] == "clear_session":
            name = dotted(fact.value)
            return f"`{name}` is named in the loop and not called: `{name}()`"
        deleted = deleted or isinstance(fact, f.Delete)
        collected = collected or (isinstance(fact, f.Call) and dotted(fact.func) == "gc.collect")
    if not collected:
        return ""
    what = "`del` and `gc.collect()` do" if deleted else "`gc.collect()` does"
    return f"{what} not spare the rebuild, nor free what Keras keeps natively of a trained model"
