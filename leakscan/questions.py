"""Calls by the name of what is called: all that many rules need."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.walk import Fact, children
from leakscan.interpreter.values import Api
from leakscan.knowledge.keras_api import canonical
from leakscan.places import Place

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

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
        if name in project.stored_names.stored(facts.body) and name not in _imports(facts.body):
            return True
        scope = facts.parent
    return False


def _imports(body: list[f.Stmt]) -> set[str]:
    return {item.name for item in body if isinstance(item, f.Import)}


def _calls(body: list[f.Stmt], facts: f.ModuleFacts) -> Iterator[tuple[f.Call, tuple[Fact, ...]]]:
    """Yield the calls in statements, each with what holds it; those of nested functions are left out."""
    stack: list[tuple[Fact, tuple[Fact, ...]]] = [(item, ()) for item in reversed(body)]
    while stack:
        fact, around = stack.pop()
        inner = (*around, fact)
        if isinstance(fact, f.DefineClass):
            stack.extend((item, around) for item in reversed(facts.classes[fact.index].body))
            continue
        if isinstance(fact, f.Call):
            yield fact, around
        once = _once(fact)
        stack.extend(
            (child, around if any(child is item for item in once) else inner)
            for child in reversed(children(fact))
        )


def _once(fact: Fact) -> list[Fact]:
    """Return the parts of a loop that run once."""
    if isinstance(fact, f.For):
        return [fact.iterable, *fact.orelse]
    # [... for x in once() ...]
    return [fact.clauses[0][1]] if isinstance(fact, f.Comprehension) else []


__all__ = ["Found", "calls_of"]
