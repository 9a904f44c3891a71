"""The one walk over facts: what a statement or an expression holds, in the order of the code.

Functions and classes are facts of their own: a `Define`, `DefineClass` or `Lambda` is met, what it defines is
not entered. `ModuleFacts.functions` and `.classes` have the bodies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar, get_args

from leakscan.facts.model import Expr, For, If, Match, Stmt, Try, While, With

Fact = Expr | Stmt
_T = TypeVar("_T")

_KINDS = frozenset((*get_args(Expr), *get_args(Stmt)))
#: The fields of each kind of fact that hold other facts: not numbers, names and operators.
_PARTS: dict[type, tuple[str, ...]] = {
    kind: tuple(name for name, type_ in kind.__annotations__.items() if "Expr" in type_ or "Stmt" in type_)
    for kind in _KINDS
}


def children(fact: Fact) -> list[Fact]:
    """Return the facts directly within one, in the order in which its fields list them."""
    found: list[Fact] = []
    for name in _PARTS[type(fact)]:
        part = getattr(fact, name)
        kind = type(part)
        if kind is list or kind is tuple:
            _collect(part, found)
        elif kind in _KINDS:
            found.append(part)
    return found


def _collect(parts: Iterable[object], found: list[Fact]) -> None:
    for part in parts:
        kind = type(part)
        if kind in _KINDS:
            found.append(part)  # type: ignore[arg-type]
        elif kind is list or kind is tuple:
            _collect(part, found)  # type: ignore[arg-type]


def walk(facts: Fact | Iterable[Fact]) -> Iterator[Fact]:
    """Yield facts and everything below them, each before what it holds, in the order of the code."""
    stack: list[Fact] = [facts] if type(facts) in _KINDS else list(facts)[::-1]  # type: ignore[list-item, arg-type]
    while stack:
        fact = stack.pop()
        yield fact
        if _PARTS[type(fact)]:
            stack.extend(children(fact)[::-1])


def walk_kind(facts: Fact | Iterable[Fact], *kinds: type[_T]) -> Iterator[_T]:
    """Yield the facts of some kinds among `walk(facts)`."""
    return (fact for fact in walk(facts) if isinstance(fact, kinds))


def walk_with_holders(facts: Iterable[Fact]) -> Iterator[tuple[Fact, tuple[Fact, ...]]]:
    """Yield what `walk` yields, each with the facts that hold it, the outermost first."""
    stack: list[tuple[Fact, tuple[Fact, ...]]] = [(fact, ()) for fact in list(facts)[::-1]]
    while stack:
        fact, holders = stack.pop()
        yield fact, holders
        inner = (*holders, fact)
        stack.extend((child, inner) for child in children(fact)[::-1])


def blocks_of(fact: Fact) -> list[list[Stmt]]:
    """Return the blocks of statements that a statement holds; none for simple statements and expressions."""
    if isinstance(fact, For | While | If):
        return [fact.body, fact.orelse]
    if isinstance(fact, With):
        return [fact.body]
    if isinstance(fact, Try):
        return [fact.body, *fact.handlers, fact.orelse, fact.final]
    return list(fact.cases) if isinstance(fact, Match) else []


__all__ = ["Fact", "blocks_of", "children", "walk", "walk_kind", "walk_with_holders"]
