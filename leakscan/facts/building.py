"""What the walks over both kinds of tree share: numbers, the functions around, names and what is stored."""

from __future__ import annotations

from typing import Generic, TypeVar

from leakscan.facts.model import (
    Attribute,
    Display,
    Expr,
    FunctionFacts,
    Literal,
    ModuleFacts,
    Name,
    Subscript,
)

_SHRINKERS = frozenset({"clear", "pop", "popleft", "popitem", "remove", "discard"})
_GRAPH_MODE_NAMES = frozenset(
    {
        "placeholder",
        "Session",
        "InteractiveSession",
        "disable_eager_execution",
        "disable_v2_behavior",
        "get_variable",
        "variable_scope",
        "get_collection",
    }
)
_TENSORFLOW_NAMES = frozenset({"tf", "tensorflow", "tf1", "v1", "compat"})
#: A longer text is data: that it is there is all that matters, and facts are kept in memory and on disk.
_MAX_TEXT = 200
_Node = TypeVar("_Node")
#: Operators that make one chain with those beside them: `a - b + c` is one, `a * b + c` is two.
_CHAINS = {op: chain for chain in (frozenset("+-"), frozenset("*/@")) for op in chain}


class Builder(Generic[_Node]):
    """The state of one walk: `function` is the innermost function, `loops` how many loops enclose us in it.

    nodes: where the node of each number is kept; None when nobody asks.
    """

    def __init__(self, nodes: dict[int, _Node] | None = None) -> None:
        self.nodes = nodes
        self.count = 0
        self.loops = 0
        self.function = FunctionFacts(0, "<module>", 0, None, None)
        self.facts = ModuleFacts([self.function], [])
        self.owner: int | None = None
        self.self_name = ""
        # Names, dotted names and literals have no number and never change: one object serves all of a kind.
        self.names: dict[str, Name] = {}
        self.attributes: dict[tuple[int, str], Attribute] = {}
        self.literals: dict[tuple[type, object], Literal] = {}
        #: How the code spells dotted names, by the identity of their objects in `attributes`.
        self.spelt: dict[int, str] = {}

    def number(self, node: _Node) -> int:
        """Return the number of a node, the next one."""
        number = self.count
        self.count = number + 1
        if self.nodes is not None:
            self.nodes[number] = node
        return number

    # Functions

    def new_function(self, name: str, number: int) -> FunctionFacts:
        """Return the facts, still empty, of a function that is defined here."""
        function = FunctionFacts(len(self.facts.functions), name, number, self.function.index, self.owner)
        self.facts.functions.append(function)
        return function

    def enter(self, function: FunctionFacts) -> tuple[FunctionFacts, int | None, int, str]:
        """Go into the body of a function; return what `leave` needs."""
        outer = (self.function, self.owner, self.loops, self.self_name)
        # The name of self belongs to a method and to the functions nested in it.
        if self.owner is not None and function.params and not function.is_lambda:
            self.self_name = function.params[0].name
        self.function, self.owner, self.loops = function, None, 0
        return outer

    def leave(self, outer: tuple[FunctionFacts, int | None, int, str]) -> None:
        """Come back from the body of a function."""
        self.function.seal()
        self.function, self.owner, self.loops, self.self_name = outer

    # Names and literals

    def literal(self, value: float | str | bool | None) -> Literal:  # noqa: FBT001
        """Return the literal of a value."""
        key = (type(value), value)
        known = self.literals.get(key)
        if known is None:
            known = self.literals[key] = Literal(value)
        return known

    def text(self, value: str) -> Literal:
        """Return the literal of a string."""
        return self.literal(value[:_MAX_TEXT])

    def attribute_of(self, value: Expr, attr: str) -> Attribute:
        """Return `value.attr`."""
        if attr in _GRAPH_MODE_NAMES and _mentions_tensorflow(value):
            self.facts.graph_mode = True
        if type(value) is not Name and type(value) is not Attribute:
            return Attribute(value, attr)
        # Both kinds are kept alive by the tables, so that their identity is a key.
        key = (id(value), attr)
        known = self.attributes.get(key)
        if known is None:
            known = self.attributes[key] = Attribute(value, attr)
            base = value.id if type(value) is Name else self.spelt.get(id(value))
            if base is not None:
                self.spelt[id(known)] = f"{base}.{attr}"
        return known

    # What the function does

    def note_imported(self, module: str, attr: str) -> None:
        """Note `from module import attr`."""
        if attr in _GRAPH_MODE_NAMES and module.startswith("tensorflow"):
            self.facts.graph_mode = True

    def note_call(self, func: Expr) -> None:
        """Note a call of `func`."""
        function = self.function
        if self.loops:
            function.has_loop_call = True
        if type(func) is Name:
            function.called_names.add(func.id)
            function.called.add(func.id)
        elif type(func) is Attribute:
            function.called_names.add(func.attr)
            spelt = self.spelt.get(id(func))
            if spelt is not None:
                function.called.add(spelt)
            if func.attr in _SHRINKERS:
                self.note_shrink(func.value)

    def note_store(self, target: Expr) -> None:
        """Note that a target is bound."""
        kind = type(target)
        if kind is Name:
            return
        if kind is Attribute:
            assert isinstance(target, Attribute)
            base = target.value
            if type(base) is Name and base.id == self.self_name:
                self.function.self_stores.add(target.attr)
            else:
                self.function.other_stores.add(target.attr)
        elif kind is Display:
            assert isinstance(target, Display)
            for item in target.items:
                self.note_store(item)
        elif kind is Subscript:
            assert isinstance(target, Subscript)
            # `xs[:] = ...` and `xs[-100:] = ...` give the container a new content.
            if target.is_slice:
                self.note_shrink(target.value)

    def note_shrink(self, container: Expr) -> None:
        """Note that a container loses something."""
        if type(container) is Attribute:
            self.function.shrinks.add(container.attr)
        elif type(container) is Name:
            self.function.shrinks.add(container.id)
        elif type(container) is Subscript:
            self.note_shrink(container.value)

    def note_deleted(self, target: Expr) -> None:
        """Note `del target`."""
        self.note_shrink(target.value if type(target) is Subscript else target)


def operators_of_chain(op: str) -> frozenset[str]:
    """Return the operators whose operands are put into one node with those of an operator."""
    return _CHAINS.get(op) or frozenset({op})


def _mentions_tensorflow(value: Expr) -> bool:
    while type(value) is Attribute:
        value = value.value
    return type(value) is Name and value.id in _TENSORFLOW_NAMES


__all__ = ["Builder", "operators_of_chain"]
