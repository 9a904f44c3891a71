"""Which function a node stands in, and what stands in a function or a loop."""

from __future__ import annotations

from collections.abc import Sequence

from leakscan.facts import model as f
from leakscan.facts.calls import calls_in
from leakscan.facts.walk import Fact, walk


class Bodies:
    """The statements of the functions and loops of several modules."""

    def __init__(self, modules: Sequence[f.ModuleFacts]) -> None:
        self._modules = modules
        self._holders: dict[int, dict[int, int]] = {}
        self._calls: dict[tuple[int, int], list[tuple[f.Call, tuple[Fact, ...]]]] = {}
        self._nodes: dict[tuple[int, int], frozenset[int]] = {}

    def holder(self, module: int, node: int) -> int:
        """Return the function that a node of a module stands in; 0 is the module's own body."""
        known = self._holders.get(module)
        if known is None:
            facts = self._modules[module]
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
            facts = self._modules[module]
            self._calls[key] = list(calls_in(facts.functions[index].body, facts))
        return self._calls[key]

    def call_nodes(self, module: int, index: int) -> frozenset[int]:
        """Return the nodes of the calls in a function."""
        key = module, index
        if key not in self._nodes:
            self._nodes[key] = frozenset(call.node for call, _ in self.calls(module, index))
        return self._nodes[key]

    def of_loop(self, module: int, node: int) -> list[f.Stmt]:
        """Return the body of the `for` or `while` at a node; empty for comprehensions and drivers."""
        for fact in walk(self.whole(module, self.holder(module, node))):
            if isinstance(fact, f.For | f.While) and fact.node == node:
                return fact.body
        return []

    def whole(self, module: int, index: int) -> list[f.Stmt]:
        """Return the body of a function with those of the classes in it."""
        function = self._modules[module].functions[index]
        body = list(function.body)
        for klass in self._modules[module].classes:
            if klass.parent == function.index:
                body += klass.body
        return body


__all__ = ["Bodies"]
