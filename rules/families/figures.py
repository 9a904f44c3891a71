"""Loops that draw: what a figure shows is looked at, so there is little of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.walk import walk, walk_kind
from leakscan.questions import Frequency, function_of

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.rule import Place

#: What adds one more part to a figure: plt.subplot(3, 3, i + 1).
_PARTS = frozenset({"subplot", "add_subplot"})
#: What begins another figure.
_FIGURES = frozenset({"figure", "subplots"})
#: More parts than a figure has.
_MOST = 100


def fills_a_figure(project: Project, loop: Place | None, often: Frequency) -> bool:
    """Whether each iteration of a loop draws a part of one figure: as many as a person looks at."""
    if loop is None or often.endless is not None or (often.count or 0) > _MOST:
        return False
    for fact in walk(project.bodies.whole(*function_of(project, loop))):
        if isinstance(fact, f.For | f.While) and fact.node == loop.node:
            drawn = list(walk_kind(fact.body, f.Call))
            return not any(_last(call) in _FIGURES for call in drawn) and any(
                _last(call) in _PARTS and not all(isinstance(arg, f.Literal) for arg in call.args)
                for call in drawn
            )
    return False


def _last(call: f.Call) -> str:
    return call.func.attr if isinstance(call.func, f.Attribute) else ""


__all__ = ["fills_a_figure"]
