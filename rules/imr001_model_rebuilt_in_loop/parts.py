"""Models of which an iteration hands the parts to something else: a tree that grows by their layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.walk import walk_kind
from leakscan.questions import Kind, callees, function_of, kinds, value
from leakscan.rule import Place

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Rebuild

_Function = tuple[int, int]


def gives_parts_away(project: Project, rebuild: Rebuild) -> bool:
    """Whether the loop stores a layer of the model that it builds as an attribute of something else."""
    module = rebuild.loop.module
    if rebuild.driver is not None or rebuild.place.module != module:
        return False
    function = function_of(project, rebuild.loop)
    body = project.bodies.of_loop(module, rebuild.loop.node)
    for assign in walk_kind(body, f.Assign):
        target = assign.targets[0]
        built = isinstance(assign.value, f.Call) and assign.value.node == rebuild.place.node
        if not built or not isinstance(target, f.Name):
            continue
        if _stored(project, body, target, function):
            return True
        # tree.attach(node, small)
        for call in walk_kind(body, f.Call):
            if target not in call.args:
                continue
            for callee in callees(project, Place(module, call.node)):
                facts = project.function(*callee)
                bound = facts.owner is not None and isinstance(call.func, f.Attribute)
                params = [param.name for param in facts.params][bound:]
                position = call.args.index(target)
                if position < len(params) and _stored(project, facts.body, f.Name(params[position]), callee):
                    return True
    return False


def _stored(project: Project, body: list[f.Stmt], net: f.Name, function: _Function) -> bool:
    """Whether a layer of `net` becomes an attribute of something else."""
    for assign in walk_kind(body, f.Assign):
        part = assign.value
        # node.router = small.decision
        if not isinstance(part, f.Attribute) or part.value != net:
            continue
        if any(isinstance(target, f.Attribute) and target.value != net for target in assign.targets):
            found = kinds(project, value(project, function, part))
            if found & {Kind.LAYER, Kind.MODEL}:
                return True
    return False


__all__ = ["gives_parts_away"]
