"""Which function a node stands in, and what stands in a function or a loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from leakscan.facts import model as f
from leakscan.facts.calls import calls_in, paths_in
from leakscan.facts.names import dotted
from leakscan.facts.walk import Fact, walk
from leakscan.knowledge.python import GROWERS, SHRINKERS
from leakscan.records import dataclass

_MUTATORS = frozenset(GROWERS) | SHRINKERS
_CHANGE = _MUTATORS | {"sort", "reverse", "fill", "resize"}


@dataclass(frozen=True, slots=True)
class InPlace:
    """What statements change in place: the names of attributes, and plain names."""

    attributes: frozenset[str]
    names: frozenset[str]


class Bodies:
    """The statements of the functions and loops of several modules."""

    def __init__(self, modules: Sequence[f.ModuleFacts]) -> None:
        self.modules = modules
        self._holders: dict[int, dict[int, int]] = {}
        self._calls: dict[tuple[int, int], list[tuple[f.Call, tuple[Fact, ...]]]] = {}
        self._nodes: dict[tuple[int, int], frozenset[int]] = {}
        self._paths: dict[tuple[int, int], dict[int, tuple[Fact, ...]]] = {}
        #: By the identity of blocks, which live as long as the modules.
        self._binders: dict[int, dict[str, list[Fact]]] = {}
        self._in_place: dict[int, InPlace] = {}

    def holder(self, module: int, node: int) -> int:
        """Return the function that a node of a module stands in; 0 is the module's own body."""
        known = self._holders.get(module)
        if known is None:
            facts = self.modules[module]
            known = self._holders[module] = {}
            for function in facts.functions:
                for fact in walk(self.whole(module, function.index)):
                    if isinstance(fact, f.Define):
                        known[facts.functions[fact.function].node] = function.index
                    elif hasattr(fact, "node"):
                        known[fact.node] = function.index
        return known.get(node, 0)

    def calls(self, module: int, index: int) -> list[tuple[f.Call, tuple[Fact, ...]]]:
        """Return the calls in a function, each with what holds it: see `calls_in`."""
        key = module, index
        if key not in self._calls:
            facts = self.modules[module]
            self._calls[key] = list(calls_in(facts.functions[index].body, facts))
        return self._calls[key]

    def call_nodes(self, module: int, index: int) -> frozenset[int]:
        """Return the nodes of the calls in a function."""
        key = module, index
        if key not in self._nodes:
            self._nodes[key] = frozenset(call.node for call, _ in self.calls(module, index))
        return self._nodes[key]

    def path(self, module: int, node: int) -> tuple[Fact, ...]:
        """Return what holds a call, or a definition, in its function, and itself; empty if absent."""
        key = module, self.holder(module, node)
        if key not in self._paths:
            facts = self.modules[module]
            self._paths[key] = paths_in(facts.functions[key[1]].body, facts)
        return self._paths[key].get(node, ())

    def binders(self, block: list[f.Stmt], name: str) -> list[Fact]:
        """Return what may bind a name, or `self.x`, in statements, or change in place what it stands for.

        Some that do neither are among them.
        """
        known = self._binders.get(id(block))
        if known is None:
            known = self._binders[id(block)] = {}
            for item in walk(block):
                for word in dict.fromkeys(_words(item)):
                    known.setdefault(word, []).append(item)
        return known.get(name, [])

    def in_place(self, block: list[f.Stmt]) -> InPlace:
        """Return what statements change in place, and the attributes that they bind."""
        known = self._in_place.get(id(block))
        if known is None:
            known = self._in_place[id(block)] = changed_in_place(block)
        return known

    def of_loop(self, module: int, node: int) -> list[f.Stmt]:
        """Return the body of the `for` or `while` at a node; empty for comprehensions and drivers."""
        for fact in walk(self.whole(module, self.holder(module, node))):
            if isinstance(fact, f.For | f.While) and fact.node == node:
                return fact.body
        return []

    def whole(self, module: int, index: int) -> list[f.Stmt]:
        """Return the body of a function with those of the classes in it."""
        function = self.modules[module].functions[index]
        body = list(function.body)
        for klass in self.modules[module].classes:
            if klass.parent == function.index:
                body += klass.body
        return body


def _words(item: Fact) -> Iterator[str]:
    """Yield the names, and the dotted ones of two parts, in what a fact may bind or change."""
    if isinstance(item, f.Import):
        yield item.name
        return
    targets: Iterable[f.Expr] = ()
    if isinstance(item, f.Assign):
        targets = item.targets
    elif isinstance(item, f.Walrus | f.For | f.AugAssign):
        targets = [item.target]
    elif isinstance(item, f.With):
        targets = [target for _, target in item.items if target is not None]
    elif isinstance(item, f.Call) and isinstance(item.func, f.Attribute) and item.func.attr in _MUTATORS:
        targets = [item.func.value]
    for part in walk(targets) if targets else ():
        if isinstance(part, f.Name):
            yield part.id
        elif isinstance(part, f.Attribute) and isinstance(part.value, f.Name):
            yield f"{part.value.id}.{part.attr}"


def changed_in_place(facts: Sequence[Fact]) -> InPlace:
    """Return what statements or expressions change in place, and the attributes that they bind."""
    attributes: set[str] = set()
    names: set[str] = set()
    for fact in walk(facts):
        targets: Sequence[f.Expr] = ()
        if isinstance(fact, f.Call):
            name = mutated(fact)
            if "." in name:
                attributes.add(name.rpartition(".")[2])
            elif name:
                names.add(name)
        elif isinstance(fact, f.Assign):
            targets = fact.targets
        elif isinstance(fact, f.AugAssign):
            targets = [fact.target]
        for target in (part for whole in targets for part in _parts(whole)):
            if isinstance(target, f.Attribute):
                attributes.add(target.attr)
            elif isinstance(target, f.Subscript):
                base = dotted(target.value)
                (attributes if "." in base else names).add(base.rpartition(".")[2])
    return InPlace(frozenset(attributes), frozenset(names))


def mutated(call: f.Call) -> str:
    """Return the dotted name of what a call changes in place: `buffer` of `buffer.append(x)`."""
    func = call.func
    # random.shuffle(files); but not: data.shuffle(size)
    if dotted(func).endswith("random.shuffle") and call.args:
        return dotted(call.args[0])
    return dotted(func.value) if isinstance(func, f.Attribute) and func.attr in _CHANGE else ""


def _parts(target: f.Expr) -> list[f.Expr]:
    """Return the targets in a target: those of `ok, self.frame = camera.read()`."""
    if isinstance(target, f.Display):
        return [part for item in target.items for part in _parts(item)]
    return _parts(target.value) if isinstance(target, f.Starred) else [target]


__all__ = ["Bodies", "InPlace", "changed_in_place", "mutated"]
