"""Models that records keep beside their scores, of which one is used in the end: no ensemble."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import dotted, names
from leakscan.facts.walk import Fact, walk, walk_with_holders
from leakscan.questions import function_of

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.rule import Place

#: Where a model stands in a record: a key of a dict, a position of a tuple.
_Slot = str | int
_Found = tuple[Fact, tuple[Fact, ...]]
#: What puts a record into a container, and what asks nothing of the models in it.
_HARMLESS_METHODS = frozenset({"append", "clear", "sort", "items", "keys", "values"})
_HARMLESS_CALLS = frozenset({"len", "enumerate", "bool", "print"})
_PICKS = frozenset({"max", "min"})


def one_of_the_records(project: Project, place: Place) -> bool:
    """Whether the model that a call at `place` gives goes into a record, and one model of all is used.

    records.append({"mse": score, "model": net}); ...; records[0]["model"]
    """
    module, index = function_of(project, place)
    found = list(walk_with_holders(project.bodies.whole(module, index)))
    name = next((name for fact, around in found for name in _bound(fact, around, place)), None)
    stores = [] if name is None else list(_stores(found, name))
    # Where a module's own records are read, other functions may read them too.
    if len(stores) != 1 or not index:
        return False
    container, slot = stores[0]
    return all(_is_harmless(found, fact, around, container, slot) for fact, around in found)


def _bound(fact: Fact, around: tuple[Fact, ...], place: Place) -> Iterator[str]:
    if isinstance(fact, f.Call) and fact.node == place.node and around:
        holder = around[-1]
        if isinstance(holder, f.Assign) and holder.value is fact and len(holder.targets) == 1:
            yield from (target.id for target in holder.targets if isinstance(target, f.Name))


def _stores(found: list[_Found], name: str) -> Iterator[tuple[str, _Slot | None]]:
    """Yield the containers that a name goes into, each with where it stands in the record."""
    for fact, _ in found:
        if isinstance(fact, f.Call) and isinstance(fact.func, f.Attribute) and fact.func.attr == "append":
            held, container = list(fact.args[:1]), dotted(fact.func.value)
        elif isinstance(fact, f.Assign) and isinstance(fact.targets[0], f.Subscript):
            held, container = [fact.value], dotted(fact.targets[0].value)
        else:
            continue
        for record in held:
            if any(item == f.Name(name) for item in walk(record)):
                yield container, _slot(record, name)


def _slot(record: f.Expr, name: str) -> _Slot | None:
    if isinstance(record, f.DictDisplay):
        for key, value in record.items:
            if value == f.Name(name) and isinstance(key, f.Literal) and isinstance(key.value, str):
                return key.value
    if isinstance(record, f.Display):
        for position, value in enumerate(record.items):
            if value == f.Name(name):
                return position
    return None


def _is_harmless(
    found: list[_Found], fact: Fact, around: tuple[Fact, ...], container: str, slot: _Slot | None
) -> bool:
    """Whether a fact, with what holds it, uses one model of the container at most."""
    if slot is None:
        return False
    if not isinstance(fact, f.Name | f.Attribute) or dotted(fact) != container or not around:
        return True
    holder = around[-1]
    if isinstance(holder, f.Assign) and any(target is fact for target in holder.targets):
        return True
    if isinstance(holder, f.Attribute):
        return holder.attr in _HARMLESS_METHODS
    if isinstance(holder, f.Subscript) and holder.value is fact:
        return _reads_one(holder, around[:-1], slot)
    if isinstance(holder, f.For):
        return holder.iterable is fact and _leaves_models(found, holder.target, slot)
    if isinstance(holder, f.Comprehension):
        targets = [target for target, iterable, _ in holder.clauses if iterable is fact]
        return bool(targets) and all(_leaves_models(found, target, slot) for target in targets)
    if isinstance(holder, f.Call) and isinstance(holder.func, f.Name):
        # best = max(records, key=lambda record: record["mse"])
        return holder.func.id in _HARMLESS_CALLS | _PICKS
    return isinstance(holder, f.If | f.While | f.Not | f.Compare)


def is_target(fact: Fact, around: tuple[Fact, ...]) -> bool:
    """Whether a loop, a comprehension or an assignment binds a fact; `around`: what holds it."""
    below = fact
    for holder in reversed(around):
        if isinstance(holder, f.Display):
            below = holder
            continue
        if isinstance(holder, f.For):
            return holder.target is below
        if isinstance(holder, f.Comprehension):
            return any(target is below for target, _, _ in holder.clauses)
        if isinstance(holder, f.Assign):
            return any(target is below for target in holder.targets)
        return False
    return False


def _reads_one(read: f.Subscript, around: tuple[Fact, ...], slot: _Slot) -> bool:
    """Whether an element is one record, or what is read of it is no model: records[i]["mse"]."""
    above = around[-1] if around else None
    if isinstance(above, f.Assign) and any(target is read for target in above.targets):
        return True
    if isinstance(above, f.Subscript) and above.value is read and above.index != f.Literal(slot):
        return isinstance(above.index, f.Literal)
    # for i in order: records[i]["model"].predict(x)
    looped = any(isinstance(item, f.For | f.While | f.Comprehension) for item in around)
    return not read.is_slice and not looped


def _leaves_models(found: list[_Found], target: f.Expr, slot: _Slot) -> bool:
    """Whether a loop over records uses no model of theirs."""
    if isinstance(target, f.Name):
        for fact, around in found:
            if fact == target and not is_target(fact, around):
                holder = around[-1] if around else None
                read = isinstance(holder, f.Subscript) and holder.value is fact
                if not read or not isinstance(holder.index, f.Literal) or holder.index.value == slot:  # type: ignore[union-attr]
                    return False
        return True
    if isinstance(target, f.Display) and isinstance(slot, int) and slot < len(target.items):
        # for score, _ in records: ...
        taken = set(names(target.items[slot]))
        return not any(
            isinstance(fact, f.Name) and fact.id in taken and not is_target(fact, around)
            for fact, around in found
        )
    return False


__all__ = ["is_target", "one_of_the_records"]
