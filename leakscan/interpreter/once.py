"""Whether something happens each time that a loop comes to it, or is kept from happening again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.calls import LOOPS
from leakscan.facts.names import dotted, dotted_stores
from leakscan.facts.walk import Fact, blocks_of, children, walk
from leakscan.interpreter.values import Api, Module
from leakscan.places import Place
from leakscan.records import dataclass

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

#: In the name of a decorator: what it wraps is kept, or made once.
_KEEPS = re.compile(r"cache|memo|singleton|lazy|once", re.IGNORECASE)

#: Functions that ask whether something is there.
_TESTS = frozenset({"len", "bool", "hasattr", "getattr", "isinstance", "callable", "any", "all"})


@dataclass(frozen=True, slots=True)
class _Segment:
    """A part of the way: a call in a function. `fresh`: the function is called anew each time.

    called: the call that leads into the function, where the project makes it. path: what holds the call,
    outermost first, the call itself last. names: the globals that what is called below binds.
    """

    function: tuple[int, int]
    fresh: bool
    called: f.Call | None
    path: tuple[Fact, ...]
    names: frozenset[str]


def comes_each_time(project: Project, place: Place, loop: Place | None, chain: Sequence[Place]) -> bool:
    """Whether the call at a place runs whenever what repeats comes by.

    loop: the loop around the first call of `chain` (or around `place`); None for a driver or a framework,
    which calls the function that the first call stands in. What is asked first whether it is there already,
    kept by a decorator, or tried after an error, does not.
    """
    for segment in _segments(project, place, loop, chain):
        if segment.fresh and _is_kept(project, *segment.function):
            return False
        if any(_stops(project, segment, fact, number) for number, fact in enumerate(segment.path[:-1])):
            return False
        if any(_leaves_before(project, segment, earlier) for earlier in _earlier(project, segment)):
            return False
    return True


def _segments(
    project: Project, place: Place, loop: Place | None, chain: Sequence[Place]
) -> Iterator[_Segment]:
    below: frozenset[str] = frozenset()
    places = [*chain, place]
    found: list[_Segment] = []
    for number in range(len(places) - 1, -1, -1):
        here = places[number]
        function = (here.module, project.bodies.holder(here.module, here.node))
        facts = project.modules[here.module]
        own = facts.functions[function[1]]
        path = project.bodies.path(here.module, here.node)
        fresh = number > 0 or loop is None
        if not fresh and loop is not None:
            start = next(
                (
                    index
                    for index, item in enumerate(path)
                    if isinstance(item, LOOPS) and item.node == loop.node
                ),
                -1,
            )
            path = path[start + 1 :]
        called = _call_at(project, places[number - 1]) if number else None
        found.append(_Segment(function, fresh, called, path, below))
        below |= frozenset(own.globals)
    return iter(found)


def _call_at(project: Project, place: Place) -> f.Call | None:
    path = project.bodies.path(place.module, place.node)
    return path[-1] if path and isinstance(path[-1], f.Call) else None


def _is_kept(project: Project, module: int, function: int) -> bool:
    # @st.cache_resource, @singleton of the project: its calls give what the first one made
    return project.engine.memoised(module, function) or any(
        _KEEPS.search(name) for name in project.decorators(module, function)
    )


def _stops(project: Project, segment: _Segment, fact: Fact, number: int) -> bool:
    """Whether a statement or expression around the call lets it happen once, or after an error only."""
    inner = segment.path[number + 1]
    if isinstance(fact, f.Try):
        # try: return models[name]; except KeyError: models[name] = load(name)
        return any(item is inner for handler in fact.handlers for item in handler)
    if isinstance(fact, f.If):
        taken = any(item is inner for item in fact.body)
        branch = fact.body if taken else fact.orelse
        return any(item is inner for item in branch) and (
            _guards(project, segment, fact.test, dotted_stores(branch))
            or _is_rare(segment, fact.test, taken=taken)
        )
    if isinstance(fact, f.Conditional | f.Boolean):
        # model = model or load(path); self.net = load(path) if self.net is None else self.net
        asked = fact.test if isinstance(fact, f.Conditional) else fact.operands[0]
        if inner is asked:
            return False
        holder = next((item for item in reversed(segment.path[:number]) if isinstance(item, f.Assign)), None)
        return holder is not None and _guards(project, segment, asked, dotted_stores([holder]))
    return False


def _earlier(project: Project, segment: _Segment) -> Iterator[tuple[f.If, list[f.Stmt]]]:
    """Yield the `if` statements that stand before the call and may leave, each with what follows it."""
    module, function = segment.function
    blocks = [project.modules[module].functions[function].body] if segment.fresh else []
    holders: list[list[list[f.Stmt]]] = [blocks, *(blocks_of(fact) for fact in segment.path[:-1])]
    for around, fact in zip(holders, segment.path, strict=False):
        for block in around:
            position = next((number for number, item in enumerate(block) if item is fact), None)
            for number, item in enumerate(block[:position] if position is not None else ()):
                if isinstance(item, f.If) and item.body and isinstance(item.body[-1], f.Return | f.Jump):
                    yield item, block[number + 1 :]


def _leaves_before(project: Project, segment: _Segment, earlier: tuple[f.If, list[f.Stmt]]) -> bool:
    """Whether the function is left before the call once what it asks for is there.

    if self.model is not None: return self.model
    """
    condition, rest = earlier
    stores = dotted_stores(rest)
    found = _asked(condition.test) & {*stores, *segment.names}
    return bool(found) and _guards(project, segment, condition.test, stores)


def _guards(project: Project, segment: _Segment, test: f.Expr, stores: set[str]) -> bool:
    """Whether a condition asks for what the code under it sets, so that it fails the next time."""
    asked = _asked(test)
    found = asked & {*stores, *segment.names}
    # if self.model is None: self.build()
    found |= {
        name
        for name in _tested(test)
        if "." in name and f"{name.partition('.')[0]}()" in stores and not _is_module(project, segment, name)
    }
    facts = project.function(*segment.function)
    params = [param.name for param in facts.params]
    for name in found:
        plain = name.isidentifier()
        if not plain or not segment.fresh or not segment.function[1] or name in facts.globals | segment.names:
            return True
        # def predict(x, model=None): if model is None: model = load(path)  # for whoever passes none
        if (
            name in params
            and segment.called is not None
            and _passes(segment.called, params.index(name), name)
        ):
            return True
        if _is_nonlocal(facts, name):
            return True
    return False


def _is_module(project: Project, segment: _Segment, name: str) -> bool:
    """Whether a dotted name is one of a module: if st.button("go"): st.write(answer(x))."""
    named = project.static(*segment.function, f.Name(name.partition(".")[0]))
    return any(
        isinstance(atom, Module) or (isinstance(atom, Api) and not atom.name.startswith("builtins."))
        for atom in named
    )


def _is_nonlocal(facts: f.FunctionFacts, name: str) -> bool:
    return any(isinstance(item, f.ScopeDeclaration) and name in item.names for item in walk(facts.body))


def _passes(call: f.Call, position: int, name: str) -> bool:
    """Whether a call passes something other than None for a parameter, as far as can be seen."""
    if any(isinstance(arg, f.Starred) for arg in call.args) or any(key is None for key, _ in call.keywords):
        return True
    given = next((value for key, value in call.keywords if key == name), None)
    if given is None and position < len(call.args):
        given = call.args[position]
    return given is not None and given != f.Literal(None)


def _asked(test: f.Expr) -> set[str]:
    """Return what a condition looks at, as `dotted_stores` names it."""
    found: set[str] = set()
    for item in walk(test):
        name = dotted(item) if isinstance(item, f.Name | f.Attribute) else ""
        while name:
            found |= {name, f"{name}[]"}
            name = name.rpartition(".")[0]
        # hasattr(self, "model"), getattr(app, "model", None)
        if isinstance(item, f.Call) and len(item.args) > 1 and isinstance(item.func, f.Name):
            owner, attribute = item.args[0], item.args[1]
            if item.func.id in {"hasattr", "getattr"} and isinstance(attribute, f.Literal):
                found.add(f"{dotted(owner)}.{attribute.value}")
        # "model" not in globals(), "model" not in st.session_state
        if isinstance(item, f.Compare) and isinstance(item.left, f.Literal):
            for _, right in item.rights:
                holder = dotted(right)
                found |= {f"{holder}.{item.left.value}"} if holder else {str(item.left.value)}
    return found - {"self", "cls"}


def _tested(test: f.Expr) -> set[str]:
    """Return the dotted names that a condition itself tests, not those that it passes on.

    if file and is_picture(file.name): file.save(path)
    """
    found: set[str] = set()
    stack: list[Fact] = [test]
    while stack:
        item = stack.pop()
        if isinstance(item, f.Call):
            func = item.func
            stack += item.args if isinstance(func, f.Name) and func.id in _TESTS else [func]
        elif isinstance(item, f.Name | f.Attribute):
            found |= _asked(item)
        else:
            stack += children(item)
    return found | (_asked(test) - _names_asked(test))


def _names_asked(test: f.Expr) -> set[str]:
    """Return what names and attributes of a condition look at: not what `hasattr` and `in` ask for."""
    return {name for item in walk(test) if isinstance(item, f.Name | f.Attribute) for name in _asked(item)}


def _is_rare(segment: _Segment, test: f.Expr, *, taken: bool) -> bool:
    """Whether a condition is that of one iteration: `if epoch == 5`, `if step % 100 == 0`."""
    if segment.fresh:
        return False
    for item in walk(test):
        if isinstance(item, f.Binary) and item.op == "%":
            return True
        if isinstance(item, f.Compare) and len(item.rights) == 1:
            op, right = item.rights[0]
            if isinstance(right, f.Literal) and type(right.value) is int and op == ("==" if taken else "!="):
                return True
    return False


__all__ = ["comes_each_time"]
