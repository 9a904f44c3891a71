"""Models that are views of another one: keras.Model(net.input, net.get_layer("conv").output).

They hold layers of the other model and no weights of their own, so one made once is as good as a new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import dotted, names
from leakscan.facts.walk import walk_kind
from leakscan.interpreter.frequency import loops_around
from leakscan.interpreter.origins import Origins, call_of
from leakscan.interpreter.passing import passed
from leakscan.knowledge.keras import WITHOUT_WEIGHTS
from leakscan.questions import function_of

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Rebuild

_Function = tuple[int, int]
_ENDS = frozenset({"input", "inputs", "output", "outputs"})


def construction(project: Project, rebuild: Rebuild, name: str = ".Model") -> tuple[_Function, f.Call] | None:
    """Return the call of keras.Model that makes a model, and its function; None for other classes."""
    if not rebuild.label.endswith(name):
        return None
    place = rebuild.chain[-1].place if rebuild.chain else rebuild.place
    function = function_of(project, place)
    call = call_of(project, function, place.node)
    return None if call is None else (function, call)


def is_view(project: Project, rebuild: Rebuild) -> bool:
    """Whether a model is made of nothing but inputs and outputs of what is there already."""
    if rebuild.label.endswith(".Sequential"):
        return _is_wrapper(project, rebuild)
    made = construction(project, rebuild)
    if made is None:
        return False
    function, call = made
    ends = [*call.args, *(value for key, value in call.keywords if key not in {"name", "trainable"})]
    origins = Origins(project)
    return bool(ends) and all(_exists(origins, end, function) for end in ends)


def _is_wrapper(project: Project, rebuild: Rebuild) -> bool:
    """Whether a model is another one with layers on it that learn nothing: Sequential([net, Softmax()])."""
    made = construction(project, rebuild, ".Sequential")
    given = made[1].args[0] if made is not None and len(made[1].args) == 1 else None
    if made is None or not isinstance(given, f.Display):
        return False
    own = [item for item in given.items if not _learns_nothing(item)]
    origins = Origins(project)
    return (
        len(own) == 1
        and _is_path(own[0])
        and not any(
            function_of(project, rebuild.loop) == where
            and any(loop.node == rebuild.loop.node for loop in loops_around(project, where, call.node))
            for call, where in origins.calls(own[0], made[0])
        )
    )


def _exists(origins: Origins, end: f.Expr, function: _Function) -> bool:  # noqa: PLR0911 -- one case a kind
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
    if isinstance(end, f.Call):
        # keras.layers.GlobalAveragePooling2D()(net.get_layer("conv").output)
        given = [*end.args, *(value for key, value in end.keywords if key != "name")]
        return bool(given) and _learns_nothing(end.func) and all(_exists(origins, x, function) for x in given)
    if isinstance(end, f.Name):
        found = origins.of(end, function)
        return all(
            source is not None and not isinstance(source[0], f.Name) and _exists(origins, *source)
            for source in found
        )
    return False


def _learns_nothing(func: f.Expr) -> bool:
    """Whether what is called is a layer without weights, made for the call: Flatten()(x)."""
    if not isinstance(func, f.Call):
        return False
    name = func.func.attr if isinstance(func.func, f.Attribute) else dotted(func.func)
    return name in WITHOUT_WEIGHTS


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


def is_of_each_layer(project: Project, rebuild: Rebuild) -> bool:
    """Whether the loop makes a view of another layer in each iteration: there are as many as layers.

    for name in names: view = keras.Model(net.inputs, net.get_layer(name).output)
    """
    made = construction(project, rebuild)
    home = function_of(project, rebuild.loop)
    loop = next(
        (fact for fact in walk_kind(project.bodies.whole(*home), f.For) if fact.node == rebuild.loop.node),
        None,
    )
    if made is None or loop is None:
        return False
    function, _ = made
    picked = {name for index in _picks(project, function) for name in names(index)}
    if function != home:
        # heat(net, image, name)  # what the call in the loop passes on
        call = call_of(project, home, rebuild.place.node)
        given = set[str]()
        for position, param in enumerate(project.function(*function).params if call is not None else ()):
            value = passed(project, home, call, function, position).value if call is not None else None
            if param.name in picked and value is not None:
                given.update(names(value))
        picked = given
    return bool(picked & set(names(loop.target)))


def _picks(project: Project, function: _Function) -> Iterator[f.Expr]:
    """Yield what a function picks layers by: net.get_layer(name), net.layers[i]."""
    body = project.bodies.whole(*function)
    for fact in walk_kind(body, f.Call):
        if isinstance(fact.func, f.Attribute) and fact.func.attr == "get_layer":
            yield from (*fact.args, *(value for _, value in fact.keywords))
    for found in walk_kind(body, f.Subscript):
        if isinstance(found.value, f.Attribute) and found.value.attr == "layers":
            yield found.index


__all__ = ["construction", "is_of_each_layer", "is_view"]
