"""Models that put new layers on one that is there: keras.Model(net.input, Dense(2)(net.layers[-2].output)).

What is learnt before stays in the layers of the other model; what is put on them is of this iteration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.walk import walk_kind
from leakscan.interpreter.frequency import loops_around
from leakscan.interpreter.origins import Origins
from leakscan.interpreter.values import Api, Class, Func
from leakscan.knowledge import Kind
from leakscan.questions import function_of, is_constant, repetitions
from leakscan.rule import Place

from .views import construction, is_view

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Rebuild

_Function = tuple[int, int]
_INPUTS = frozenset({"input", "inputs"})


def is_on_another_model(project: Project, rebuild: Rebuild) -> bool:
    """Whether a model begins with the inputs of one that the iteration does not make, and adds to it."""
    made = construction(project, rebuild)
    if made is None or is_view(project, rebuild):
        return False
    function, call = made
    begin = next((value for key, value in call.keywords if key == "inputs"), None)
    begin = call.args[0] if begin is None and call.args else begin
    origins = Origins(project)
    # start = self.trunk.input; ...; keras.Model(start, self.make_head()(self.trunk.output))
    if isinstance(begin, f.Name):
        found = origins.of(begin, function)
        begin = found[0][0] if len(found) == 1 and found[0] is not None else begin
    if not isinstance(begin, f.Attribute) or begin.attr not in _INPUTS:
        return False
    # base = keras.applications.VGG16(); keras.Model(base.input, head(base.output))  # both are made here
    within = {function, *(function_of(project, link.place) for link in rebuild.chain)}
    return not any(
        _is_repeated(project, rebuild, where, one, within) and _makes_model(project, where, one)
        for one, where in origins.calls(begin.value, function)
    )


def combines_others(project: Project, rebuild: Rebuild) -> bool:
    """Whether a function puts models together that it is given, and the loop gives it another one each time.

    def combine(trunk, head): start = keras.Input(...); return keras.Model(start, head(trunk(start)))
    """
    made = construction(project, rebuild)
    if made is None or made[0] == function_of(project, rebuild.loop):
        return False
    function, call = made
    facts = project.function(*function)
    called = {item.func.id for item in walk_kind(facts.body, f.Call) if isinstance(item.func, f.Name)}
    given = [param.name for param in facts.params if param.name in called]
    place = Place(function[0], call.node)
    return bool(given) and any(
        around.loop == rebuild.loop
        and any(
            _is_there(project, function, name) and not is_constant(project, f.Name(name), place, around)
            for name in given
        )
        for around in repetitions(project, place)
    )


def _is_there(project: Project, function: _Function, name: str) -> bool:
    """Whether a parameter may be a model or layer, and is no function or class that makes one."""
    found = project.engine.value(function, f.Name(name))
    return not any(isinstance(atom, Api | Class | Func) for atom in found)


def _is_repeated(
    project: Project, rebuild: Rebuild, where: _Function, call: f.Call, within: set[_Function]
) -> bool:
    """Whether a call stands in the loop, or in a function through which the iteration comes to the model."""
    if where == function_of(project, rebuild.loop):
        return any(loop.node == rebuild.loop.node for loop in loops_around(project, where, call.node))
    return where in within


def _makes_model(project: Project, where: _Function, call: f.Call) -> bool:
    """Whether a call may give a model that is made for it."""
    atoms = project.static(*where, call.func)
    if any(isinstance(atom, Class | Func) for atom in atoms):
        return True
    return any(getattr(atom, "kind", None) is Kind.MODEL for atom in project.engine.value(where, call))


__all__ = ["combines_others", "is_on_another_model"]
