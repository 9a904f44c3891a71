"""Where the result of a training, or a model, is put, and what is read of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leakscan.facts.model import (
    Assign,
    Attribute,
    Call,
    Comprehension,
    DictDisplay,
    Display,
    Expr,
    For,
    Name,
    Return,
    Subscript,
    Walrus,
    While,
)
from leakscan.facts.names import dotted
from leakscan.facts.walk import Fact, walk_with_holders
from leakscan.questions import callees, callers, function_of
from leakscan.records import dataclass
from leakscan.rule import ChainLink, Place

from ..families.records import is_target

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Function

#: Calls through which a result is followed to its caller.
_MAX_CALLS = 3
#: Methods that keep their argument, and which one.
_GROWERS = {"append": 0, "appendleft": 0, "add": 0, "insert": 1}
#: Parts of what is stored: histories.append((name, history)), {"history": history}
_HOLDING = (Display, DictDisplay)


@dataclass(frozen=True, slots=True)
class Store:
    """A container that keeps what a call gives.

    place: the call of append(), the assignment, or the comprehension. name: the container as the code writes
    it. function: the one that stores. stored: the expression. whole: it is what is stored, no part of it.
    chain: the calls from there to the one whose result is kept.
    """

    place: Place
    name: str
    function: Function
    stored: Expr
    whole: bool
    chain: tuple[ChainLink, ...]


def stores_of(project: Project, place: Place, chain: tuple[ChainLink, ...] = ()) -> Iterator[Store]:
    """Yield where the result of the call at `place` is kept: in its function, or by callers of that one."""
    function = function_of(project, place)
    body = project.bodies.whole(*function)
    found = list(walk_with_holders(body))
    for fact, around in found:
        if not (isinstance(fact, Call) and fact.node == place.node):
            continue
        yield from _kept(project, function, fact, around, chain)
        holder = around[-1] if around else None
        names = _bound(holder, fact)
        for name in names:
            for use, holders in found:
                if isinstance(use, Name) and use.id == name and not is_target(use, holders):
                    yield from _kept(project, function, use, holders, chain)


def _bound(holder: Fact | None, fact: Fact) -> list[str]:
    """Return the names that are bound to what a call gives: history = model.fit(x, y)."""
    if isinstance(holder, Assign) and holder.value is fact:
        return [target.id for target in holder.targets if isinstance(target, Name)]
    return [holder.target.id] if isinstance(holder, Walrus) and isinstance(holder.target, Name) else []


def _kept(  # noqa: C901 -- one case a kind of holder
    project: Project, function: Function, fact: Expr, around: tuple[Fact, ...], chain: tuple[ChainLink, ...]
) -> Iterator[Store]:
    module = function[0]
    below: Fact = fact
    whole = True
    for holder in reversed(around):
        if isinstance(holder, Call):
            func = holder.func
            if isinstance(func, Attribute) and func.attr in _GROWERS:
                position = _GROWERS[func.attr]
                name = dotted(func.value)
                if name and position < len(holder.args) and holder.args[position] is below:
                    yield Store(Place(module, holder.node), name, function, fact, whole, chain)
            return
        if isinstance(holder, Assign):
            for target in holder.targets if holder.value is below else ():
                # histories[fold] = model.fit(...)
                if isinstance(target, Subscript) and (name := dotted(target.value)):
                    yield Store(Place(module, target.node), name, function, fact, whole, chain)
            return
        if isinstance(holder, Comprehension) and holder.kind in {"list", "dict", "set"}:
            if any(item is below for item in holder.elements):
                name = _name_of(around, holder)
                if name:
                    yield Store(Place(module, holder.node), name, function, fact, whole, chain)
            return
        if isinstance(holder, Return):
            if whole and len(chain) < _MAX_CALLS:
                for call in _plain_callers(project, function):
                    link = ChainLink(call, f"{project.describe(*function)} is called here")
                    yield from stores_of(project, call, (*chain, link))
            return
        if not isinstance(holder, _HOLDING):
            return
        whole, below = False, holder


def _plain_callers(project: Project, function: Function) -> list[Place]:
    """Return the calls that give what a function returns.

    threads.append(Thread(target=lambda: model.fit(x, y)))  # the thread is kept, no result
    """
    return [call for call in callers(project, function) if function in callees(project, call)]


def _name_of(around: tuple[Fact, ...], comprehension: Comprehension) -> str:
    for number, holder in enumerate(around):
        if holder is comprehension and number and isinstance(around[number - 1], Assign):
            targets = around[number - 1].targets  # type: ignore[union-attr]
            return dotted(targets[0]) if len(targets) == 1 else ""
    return ""


@dataclass(frozen=True, slots=True)
class Uses:
    """What becomes of a container after it was filled.

    attributes: what is read of its elements. one: single elements are taken by index. whole: it, or an
    element, is passed on or returned as it is.
    """

    attributes: frozenset[str]
    one: bool
    whole: bool


def uses_of(project: Project, store: Store) -> Uses:
    """Return what a function, or a whole module, does with a container."""
    functions = [store.function[1]]
    if store.function[1] == 0:
        functions = [item.index for item in project.modules[store.function[0]].functions]
    attributes: set[str] = set()
    one = whole = False
    for index in functions:
        found = list(walk_with_holders(project.bodies.whole(store.function[0], index)))
        elements = _elements(store.name, found)
        for fact, around in found:
            if dotted(fact) == store.name:  # type: ignore[arg-type]
                use = _use_of(fact, around)
                one = one or use == "one"
                whole = whole or use == "whole"
                if use.startswith("."):
                    one = True
                    attributes.add(use[1:])
            elif isinstance(fact, Name) and fact.id in elements:
                holder = around[-1] if around else None
                if isinstance(holder, Attribute):
                    attributes.add(holder.attr)
                elif not (isinstance(holder, For | Comprehension) or is_target(fact, around)):
                    whole = True
    return Uses(frozenset(attributes), one, whole)


def _use_of(fact: Fact, around: tuple[Fact, ...]) -> str:  # noqa: PLR0911 -- one case a shape
    """Return what is done with a container: "", "one", "whole", or the attribute of one element."""
    holder = around[-1] if around else None
    # models, scores = [], []
    if is_target(fact, around):
        return ""
    if isinstance(holder, Subscript) and holder.value is fact:
        above = around[-2] if len(around) > 1 else None
        if isinstance(above, Assign) and any(target is holder for target in above.targets):
            return ""
        # for index in order: models[index].predict(x)
        if any(isinstance(item, For | While | Comprehension) for item in around):
            return f".{above.attr}" if isinstance(above, Attribute) else "whole"
        if isinstance(above, Attribute):
            return f".{above.attr}"
        return "whole" if holder.is_slice else "one"
    if isinstance(holder, Attribute):
        return "" if holder.attr in {*_GROWERS, "clear", "values", "items", "keys", "extend"} else "whole"
    if isinstance(holder, For):
        return "" if holder.iterable is fact or holder.target is fact else "whole"
    if isinstance(holder, Comprehension):
        return "" if any(iterable is fact for _, iterable, _ in holder.clauses) else "whole"
    if isinstance(holder, Call):
        name = holder.func.id if isinstance(holder.func, Name) else ""
        return "" if name in {"len", "enumerate", "zip", "reversed"} else "whole"
    return "whole"


def _elements(name: str, found: list[tuple[Fact, tuple[Fact, ...]]]) -> set[str]:
    """Return the names that loops bind to elements of a container."""
    result: set[str] = set()
    for fact, _ in found:
        pairs = []
        if isinstance(fact, For):
            pairs = [(fact.target, fact.iterable)]
        elif isinstance(fact, Comprehension):
            pairs = [(target, iterable) for target, iterable, _ in fact.clauses]
        for target, iterable in pairs:
            result |= set(_element(target, iterable, name))
    return result


def _element(target: Expr, iterable: Expr, name: str) -> Iterator[str]:
    if dotted(iterable) == name and isinstance(target, Name):
        yield target.id
    func = iterable.func if isinstance(iterable, Call) else None
    if isinstance(func, Attribute) and func.attr == "values" and dotted(func.value) == name:
        yield from [target.id] if isinstance(target, Name) else []
    if not isinstance(iterable, Call) or not isinstance(target, Display):
        return
    if isinstance(func, Attribute) and func.attr == "items" and dotted(func.value) == name:
        yield from (item.id for item in target.items[1:2] if isinstance(item, Name))
    if isinstance(func, Name) and func.id == "enumerate" and len(target.items) == 2:  # noqa: PLR2004 -- a pair
        yield from _element(target.items[1], iterable.args[0], name) if iterable.args else ()
    if isinstance(func, Name) and func.id == "zip":
        for item, arg in zip(target.items, iterable.args, strict=False):
            yield from _element(item, arg, name)


__all__ = ["Store", "Uses", "stores_of", "uses_of"]
