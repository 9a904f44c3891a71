"""Models that are views of another one: keras.Model(net.input, net.get_layer("conv").output).

They hold layers of the other model and none of their own, so one view made once is as good as a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.interpreter.origins import Origins, call_of
from leakscan.questions import function_of

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Rebuild

_Function = tuple[int, int]
_ENDS = frozenset({"input", "inputs", "output", "outputs"})


def construction(project: Project, rebuild: Rebuild) -> tuple[_Function, f.Call] | None:
    """Return the call of keras.Model that makes a model, and its function; None for other classes."""
    if not rebuild.label.endswith(".Model"):
        return None
    place = rebuild.chain[-1].place if rebuild.chain else rebuild.place
    function = function_of(project, place)
    call = call_of(project, function, place.node)
    return None if call is None else (function, call)


def is_view(project: Project, rebuild: Rebuild) -> bool:
    """Whether a model is made of nothing but inputs and outputs of what is there already."""
    made = construction(project, rebuild)
    if made is None:
        return False
    function, call = made
    ends = [*call.args, *(value for key, value in call.keywords if key not in {"name", "trainable"})]
    origins = Origins(project)
    return bool(ends) and all(_exists(origins, end, function) for end in ends)


def _exists(origins: Origins, end: f.Expr, function: _Function) -> bool:
    """Whether an expression is an input or output of something that is there already."""
    if isinstance(end, f.Display):
        return all(_exists(origins, item, function) for item in end.items)
    if isinstance(end, f.DictDisplay):
        return all(_exists(origins, value, function) for _, value in end.items)
    if isinstance(end, f.Comprehension):
        # [layer.output for layer in net.layers]
        return all(_exists(origins, item, function) for item in end.elements)
    if isinstance(end, f.Starred):
        return _exists(origins, end.value, function)
    if isinstance(end, f.Binary):
        # net.inputs + [net.output]
        return all(_exists(origins, item, function) for item in end.operands)
    if isinstance(end, f.Subscript):
        return _exists(origins, end.value, function)
    if isinstance(end, f.Attribute):
        return end.attr in _ENDS and _is_path(end.value)
    if isinstance(end, f.Name):
        found = origins.of(end, function)
        return all(
            source is not None and not isinstance(source[0], f.Name) and _exists(origins, *source)
            for source in found
        )
    return False


def _is_path(expression: f.Expr) -> bool:
    """Whether an expression names something: net, self.net.layers[3], net.get_layer("conv")."""
    while True:
        if isinstance(expression, f.Name):
            return True
        if isinstance(expression, f.Attribute | f.Subscript):
            expression = expression.value
        elif (
            isinstance(expression, f.Call)
            and isinstance(expression.func, f.Attribute)
            and expression.func.attr == "get_layer"
        ):
            expression = expression.func.value
        else:
            return False


__all__ = ["construction", "is_view"]
