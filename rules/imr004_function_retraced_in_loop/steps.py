"""Numbers of steps that a traced function writes summaries with: these have to be tensors of 64 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.walk import walk_kind
from leakscan.questions import callees, calls
from leakscan.rule import Place

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Function

#: Calls through which a number is followed.
_MAX_CALLS = 4
#: tf.summary.scalar(name, data, step)
_STEP = 2


def is_summary_step(project: Project, place: Place, call: f.Call, argument: f.Expr) -> bool:
    """Whether a call at a place hands an argument on to where it is the step of a summary.

    @tf.function def train_step(x, epoch): ...; tf.summary.scalar("loss", loss, step=epoch)
    """
    summaries = {(found.function, found.call.node) for found in calls(project, "tensorflow.summary.**")}
    return bool(summaries) and _goes_to_step(project, summaries, place, call, argument, 0)


def _goes_to_step(
    project: Project,
    summaries: set[tuple[Function, int]],
    place: Place,
    call: f.Call,
    argument: f.Expr,
    depth: int,
) -> bool:
    if depth > _MAX_CALLS:
        return False
    for callee in callees(project, place):
        name = _parameter(project, callee, call, argument)
        if name is None:
            continue
        for inner in walk_kind(project.bodies.whole(*callee), f.Call):
            given = next((item for item in _given(inner) if item == f.Name(name)), None)
            if (callee, inner.node) in summaries:
                step = next((value for key, value in inner.keywords if key == "step"), None)
                if step is None and len(inner.args) > _STEP:
                    step = inner.args[_STEP]
                if step == f.Name(name):
                    return True
            elif given is not None and _goes_to_step(
                project, summaries, Place(callee[0], inner.node), inner, given, depth + 1
            ):
                return True
    return False


def _given(call: f.Call) -> list[f.Expr]:
    return [*call.args, *(value for _, value in call.keywords)]


def _parameter(project: Project, callee: Function, call: f.Call, argument: f.Expr) -> str | None:
    """Return the name by which a function has what a call passes."""
    facts = project.function(*callee)
    keyword = next((key for key, value in call.keywords if value is argument), None)
    if keyword is not None:
        return keyword
    position = next((number for number, item in enumerate(call.args) if item is argument), None)
    if position is None:
        return None
    # self.train_step(x, epoch)
    shift = int(facts.owner is not None and "builtins.staticmethod" not in project.decorators(*callee))
    return facts.params[position + shift].name if position + shift < len(facts.params) else None


__all__ = ["is_summary_step"]
