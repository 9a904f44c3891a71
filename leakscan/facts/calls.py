"""The calls and definitions in statements, each with the loops and conditions that hold it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leakscan.facts import model as f
from leakscan.facts.walk import Fact, blocks_of, children

#: What repeats its body.
LOOPS = (f.For, f.While, f.Comprehension)


def calls_in(body: Iterable[f.Stmt], facts: f.ModuleFacts) -> Iterator[tuple[f.Call, tuple[Fact, ...]]]:
    """Yield the calls in statements, each with what holds it; those of nested functions are left out."""
    return ((fact, around) for fact, around in _held(body, facts) if isinstance(fact, f.Call))


def paths_in(body: Iterable[f.Stmt], facts: f.ModuleFacts) -> dict[int, tuple[Fact, ...]]:
    """Return what `path_to` returns, for the node of each call and definition in statements."""
    found: dict[int, tuple[Fact, ...]] = {}
    for fact, around in _held(body, facts):
        node = fact.node if isinstance(fact, f.Call) else None
        if isinstance(fact, f.Define):
            node = facts.functions[fact.function].node
        if node is not None:
            found.setdefault(node, (*around, fact))
    return found


def path_to(body: Iterable[f.Stmt], facts: f.ModuleFacts, node: int) -> tuple[Fact, ...]:
    """Return what holds a call, or a function's definition, in statements, and itself; empty if absent."""
    for fact, around in _held(body, facts):
        own = fact.node if isinstance(fact, f.Call) else None
        if isinstance(fact, f.Define):
            own = facts.functions[fact.function].node
        if own == node:
            return (*around, fact)
    return ()


def _held(body: Iterable[f.Stmt], facts: f.ModuleFacts) -> Iterator[tuple[Fact, tuple[Fact, ...]]]:
    stack: list[tuple[Fact, tuple[Fact, ...]]] = [(item, ()) for item in list(body)[::-1]]
    while stack:
        fact, around = stack.pop()
        if isinstance(fact, f.DefineClass):
            stack.extend((item, around) for item in reversed(facts.classes[fact.index].body))
            continue
        if isinstance(fact, f.Call | f.Define):
            yield fact, around
        inner, once = (*around, fact), _once(fact)
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


def is_left(loop: Fact, path: tuple[Fact, ...]) -> bool:
    """Whether a loop is left for good once the last fact of `path`, which leads there from its body, has run.

    for file in files: if file.exists(): return model.predict(load(file))
    """
    inner = False
    rests: list[tuple[list[f.Stmt], bool]] = []
    for holder, fact in zip((loop, *path), path, strict=False):
        inner = inner or (holder is not loop and isinstance(holder, f.For | f.While))
        for block in blocks_of(holder):
            position = next((number for number, item in enumerate(block) if item is fact), None)
            if position is not None:
                rests.append((block[position:], inner))
    for rest, inner in reversed(rests):
        for statement in rest:
            if isinstance(statement, f.Return):
                return True
            if isinstance(statement, f.Jump):
                # After `continue` nothing of this iteration runs any more.
                return statement.kind == "raise" or (statement.kind == "break" and not inner)
    return False


__all__ = ["LOOPS", "calls_in", "is_left", "path_to", "paths_in"]
