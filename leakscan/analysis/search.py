"""Calls by the name of what is called: all that many rules need."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leakscan.analysis import facts as f
from leakscan.analysis.keras_api import canonical
from leakscan.analysis.syntax import names_stored
from leakscan.analysis.values import Api
from leakscan.rule import Place

if TYPE_CHECKING:
    from leakscan.analysis.project import Project

_LOOPS = (f.For, f.While, f.Comprehension)


@dataclass(frozen=True, slots=True)
class Found:
    """A call of an external function.

    name: what is called, in canonical form. call: its arguments. function: the number, within the module, of
    the function that it runs in; 0 is the module's own body. around: the statements and expressions of
    that function that hold the call, the outermost first.
    """

    place: Place
    name: str
    call: f.Call
    function: int
    around: tuple[object, ...]

    @property
    def loop(self) -> Place | None:
        """The innermost loop around the call, in its function."""
        nodes = [item.node for item in self.around if isinstance(item, _LOOPS)]
        return Place(self.place.module, nodes[-1]) if nodes else None

    @property
    def conditional(self) -> bool:
        """Whether the call stands under an `if`, a `while`, a `match`, an `and` or an `or`."""
        kinds = (f.If, f.While, f.Match, f.Conditional, f.Boolean)
        return any(isinstance(item, kinds) for item in self.around)


def calls_of(project: Project, names: Collection[str]) -> Iterator[Found]:
    """Yield the calls of external functions, whatever aliases they go by, in the order of the code.

    names: dotted, as `tensorflow.function` or `gc.collect`; `keras` stands for every way to import Keras.
    Calls in decorators and in defaults of parameters are left out.
    """
    # Names that assignments bind, `keras = tf.keras`, are known once the project has been analysed.
    assert project.rebuilds is not None
    wanted = {canonical(name) for name in names}
    last = {name.rpartition(".")[2] for name in wanted}
    for module, facts in enumerate(project.modules):
        for function in facts.functions:
            for call, around in _calls(function.body, facts):
                for name in _names(project, module, function.index, call.func, last):
                    if name in wanted:
                        yield Found(Place(module, call.node), name, call, function.index, around)
                        break


def _names(project: Project, module: int, function: int, func: f.Expr, last: set[str]) -> Iterator[str]:
    # Cheap, and true of almost every call: a plain name may be an alias, the last attribute may not.
    if isinstance(func, f.Attribute) and func.attr not in last:
        return
    root = func
    while isinstance(root, f.Attribute):
        root = root.value
    if not isinstance(root, f.Name) or _is_local(project, module, function, root.id):
        return
    for atom in project.static(module, function, func):
        if isinstance(atom, Api):
            yield canonical(atom.name)


def _is_local(project: Project, module: int, function: int, name: str) -> bool:
    """Whether a parameter or an assignment of the function, or of one around it, binds the name."""
    scope: int | None = function
    while scope:
        facts = project.function(module, scope)
        if any(param.name == name for param in facts.params):
            return True
        if name in names_stored(facts.body) and name not in _imports(facts.body):
            return True
        scope = facts.parent
    return False


def _imports(body: list[f.Stmt]) -> set[str]:
    return {item.name for item in body if isinstance(item, f.Import)}


def _calls(body: list[f.Stmt], facts: f.ModuleFacts) -> Iterator[tuple[f.Call, tuple[object, ...]]]:
    """Yield the calls in statements, each with what holds it; those of nested functions are left out."""
    stack: list[tuple[object, tuple[object, ...]]] = [(item, ()) for item in reversed(body)]
    while stack:
        item, around = stack.pop()
        if isinstance(item, list | tuple):
            stack.extend((part, around) for part in reversed(item))
            continue
        if isinstance(item, f.DefineClass):
            stack.append((facts.classes[item.index].body, around))
            continue
        if isinstance(item, f.Define | f.Lambda) or not hasattr(item, "__dataclass_fields__"):
            continue
        if isinstance(item, f.Call):
            yield item, around
        if isinstance(item, f.Comprehension):
            # [... for x in once() ...]
            (target, iterable, tests), *others = item.clauses
            stack.append(([target, tests, others, item.elements], (*around, item)))
            stack.append((iterable, around))
            continue
        once = _once(item)
        for name in reversed(list(item.__dataclass_fields__)):
            part = getattr(item, name)
            stack.append((part, around if name in once else (*around, item)))


def _once(item: object) -> tuple[str, ...]:
    """Return the parts of a loop that run once."""
    return ("iterable", "orelse") if isinstance(item, f.For) else ()


__all__ = ["Found", "calls_of"]
