"""Loads that a request asks for: a handler puts a new model in the place of the old one, and does no more."""

from __future__ import annotations

from collections.abc import Iterator

from leakscan.facts import model as f
from leakscan.facts.calls import calls_in
from leakscan.facts.walk import Fact, children
from leakscan.interpreter.project import Project
from leakscan.interpreter.values import Instance
from leakscan.questions import (
    Call,
    Function,
    Kind,
    Place,
    Repetition,
    call_at,
    function_of,
    handler_of,
    kinds,
    reachable,
    value,
)

#: Handlers that run beside those of all requests.
_EVERY_REQUEST = ("before_request", "after_request", "middleware")
#: What is done with a model to make it ready, or to tell of it.
_READIES = frozenset(
    """compile summary load_weights make_predict_function _make_predict_function trainable name built
    count_params stop_training""".split()
)


def is_refreshed(project: Project, call: Call, around: Repetition) -> bool:
    """Whether a handler stores the loaded model where others use it, and does not use it itself."""
    if around.loop is not None:
        return False
    place = around.chain[0].place if around.chain else call.place
    handler = function_of(project, place)
    words = handler_of(project, handler)
    if words is None or any(word in words for word in _EVERY_REQUEST):
        return False
    # def read(): return load_model(path) ... global model; model = read()
    leading = [call_at(project, link.place) for link in around.chain]
    stored = frozenset[str]().union(*(_stored(project, item) for item in (call, *leading)))
    return bool(stored) and not any(_uses(project, function, stored) for function in _run(project, handler))


def _stored(project: Project, call: Call) -> frozenset[str]:
    """Return the global name, or the attribute, that the loaded model is put into: others may read it."""
    assign = call.around[-1] if call.around else None
    if not isinstance(assign, f.Assign) or assign.value is not call.call:
        return frozenset()
    # self.label = self.guess(), where guess() loads a model and returns its answer
    given = value(project, call.function, call.call)
    if Kind.MODEL not in kinds(project, given) and not any(isinstance(atom, Instance) for atom in given):
        return frozenset()
    declared = project.function(*call.function).globals
    found = {target.attr for target in assign.targets if isinstance(target, f.Attribute)}
    return frozenset(
        found
        | {target.id for target in assign.targets if isinstance(target, f.Name) and target.id in declared}
    )


def _run(project: Project, handler: Function) -> Iterator[Function]:
    yield handler
    facts = project.modules[handler[0]]
    found: dict[Function, None] = {}
    for item, _ in calls_in(facts.functions[handler[1]].body, facts):
        found.update(dict.fromkeys(reachable(project, Place(handler[0], item.node))))
    yield from found


def _uses(project: Project, function: Function, stored: frozenset[str]) -> bool:
    """Whether a function does more with what has one of these names than to store it and make it ready."""
    todo: list[Fact] = list(project.function(*function).body)
    while todo:
        item = todo.pop()
        if isinstance(item, f.Name | f.Attribute) and _last(item) in stored:
            return True
        if isinstance(item, f.Assign):
            todo += [item.value, *(target for target in item.targets if _last(target) not in stored)]
        elif not _only_tells(item, stored):
            todo += children(item)
    return False


def _only_tells(item: Fact, stored: frozenset[str]) -> bool:
    """Whether an expression makes the model ready or tells of it: model.compile, model is None."""
    if isinstance(item, f.Attribute):
        return item.attr in _READIES and _last(item.value) in stored
    return isinstance(item, f.Compare) and all(op in {"is", "is not"} for op, _ in item.rights)


def _last(item: object) -> str:
    return item.attr if isinstance(item, f.Attribute) else item.id if isinstance(item, f.Name) else ""


__all__ = ["is_refreshed"]
